import { two } from './custom.js';

const TOLERANCE = 0.1;

/**
 * SVG path of a polyline (x0, y0, x1, y1 … in px) without the points that lie within a tenth of a pixel of the line
 * through their neighbours; Douglas and Peucker (Cartographica 10, 1973, 112) with an explicit stack.
 */
export function simplifiedPath(run: ArrayLike<number>): string {
  const n = run.length / 2;
  const keep = new Uint8Array(n);
  keep[0] = keep[n - 1] = 1;
  const stack: [number, number][] = [[0, n - 1]];
  while (stack.length > 0) {
    const [a, b] = stack.pop()!;
    const at = farthest(run, a, b);
    if (at < 0) continue;
    keep[at] = 1;
    stack.push([a, at], [at, b]);
  }
  let d = '';
  for (let i = 0; i < n; i++) {
    if (keep[i]) d += `${d === '' ? 'M' : 'L'}${two(run[2 * i]!)} ${two(run[2 * i + 1]!)}`;
  }
  return d;
}

/** The point between a and b that is farthest from the line through them; -1 when none is beyond the tolerance. */
function farthest(run: ArrayLike<number>, a: number, b: number): number {
  const [ax, ay] = [run[2 * a]!, run[2 * a + 1]!];
  const [dx, dy] = [run[2 * b]! - ax, run[2 * b + 1]! - ay];
  const length = Math.hypot(dx, dy);
  let worst = TOLERANCE;
  let at = -1;
  for (let i = a + 1; i < b; i++) {
    const [px, py] = [run[2 * i]! - ax, run[2 * i + 1]! - ay];
    const distance = length === 0 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length;
    if (distance > worst) [worst, at] = [distance, i];
  }
  return at;
}
