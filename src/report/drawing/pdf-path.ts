/**
 * SVG path data with the absolute commands M, L, Q, C and Z as PDF operators; a quadratic curve becomes the cubic one
 * with the same shape. Anything else is not drawn by the reduction that comes before, and throws.
 */
export function pathOperators(d: string): string {
  const tokens = d.match(/[A-Za-z]|-?[\d.]+(?:e-?\d+)?/g) ?? [];
  const out: string[] = [];
  let [x, y] = [0, 0];
  let at = 0;
  const take = (count: number): number[] => {
    const values = tokens.slice(at, at + count).map(Number);
    at += count;
    [x, y] = [values[count - 2]!, values[count - 1]!];
    return values;
  };
  let command = '';
  while (at < tokens.length) {
    if (/[A-Za-z]/.test(tokens[at]!)) command = tokens[at++]!;
    const [x0, y0] = [x, y];
    switch (command) {
      case 'M':
        out.push(`${join(take(2))} m`);
        command = 'L';
        break;
      case 'L':
        out.push(`${join(take(2))} l`);
        break;
      case 'C':
        out.push(`${join(take(6))} c`);
        break;
      case 'Q': {
        const [cx, cy, ex, ey] = take(4) as [number, number, number, number];
        const third = (end: number, control: number): number => end + (2 / 3) * (control - end);
        out.push(`${join([third(x0, cx), third(y0, cy), third(ex, cx), third(ey, cy), ex, ey])} c`);
        break;
      }
      case 'Z':
        out.push('h');
        break;
      default:
        throw new Error(`path command '${command}' cannot be written to PDF`);
    }
  }
  return out.join(' ');
}

const join = (values: number[]): string => values.map((value) => String(Number(value.toFixed(3)))).join(' ');
