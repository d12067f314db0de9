/** Ranges and words for numbers that may be missing. */

type Numbers = ArrayLike<number | null | undefined>;

/** Smallest and largest finite number of all lists; null when there is none. */
export function extent(...lists: Numbers[]): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** A domain with room on both sides (fractions of the range), never of zero width; 0 to 1 without data. */
export function domainOf(range: [number, number] | null, below = 0.04, above = below): [number, number] {
  if (range === null) return [0, 1];
  const [low, high] = range;
  const scale = Math.max(Math.abs(low), Math.abs(high));
  const flat = !(high - low > 1e-12 * scale) || scale < 1e-300;
  const width = flat ? (scale < 1e-300 ? 1 : 0.1 * scale) : high - low;
  return [low - below * width, high + above * width];
}

/** Large maps are sampled: a colour scale needs no more. */
const ENOUGH = 200_000;

/** The value below which a fraction of the finite numbers lies; NaN without any. */
export function quantile(values: Numbers, fraction: number): number {
  const stride = Math.ceil(values.length / ENOUGH) || 1;
  const finite = new Float64Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let i = 0; i < values.length; i += stride) {
    const value = values[i];
    if (typeof value === 'number' && Number.isFinite(value)) finite[count++] = value;
  }
  if (count === 0) return Number.NaN;
  const sorted = finite.subarray(0, count).sort();
  const at = fraction * (count - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

const MINUS = '\u2212';
/** With spaces that no line breaks at. */
const PLUS_MINUS = '\u00a0±\u00a0';

/**
 * `0.197 ± 0.008`: the uncertainty with two digits when it starts with 1 or 2, else with one; a true minus sign. Data
 * without noise have an uncertainty of rounding errors, which says nothing: it is left out.
 */
export function plusMinus(
  value: number | null | undefined,
  sigma: number | null | undefined,
  unit = '',
): string {
  if (!isNumber(value)) return '–';
  const tail = unit === '' ? '' : `\u00a0${unit}`;
  if (!isNumber(sigma) || sigma <= 1e-9 * Math.abs(value)) return `${signed(trim(value))}${tail}`;
  const leading = Number(sigma.toExponential().charAt(0));
  const places = Math.max(0, Math.min(12, -Math.floor(Math.log10(sigma)) + (leading <= 2 ? 1 : 0)));
  return `${signed(value.toFixed(places))}${PLUS_MINUS}${sigma.toFixed(places)}${tail}`;
}

/** `0.181 to 0.213`, with as many decimals as the width of the interval deserves. */
export function fromTo(interval: readonly (number | null)[] | null | undefined, unit = ''): string {
  const [low, high] = interval ?? [];
  if (!isNumber(low) || !isNumber(high)) return '–';
  const width = Math.abs(high - low);
  const places = width > 0 ? Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(width)))) : 3;
  return `${signed(low.toFixed(places))} to ${signed(high.toFixed(places))}${unit === '' ? '' : `\u00a0${unit}`}`;
}

const trim = (value: number): string => String(Number(value.toPrecision(4)));
const signed = (text: string): string => text.replace(/^-/, MINUS);

/** 1, 2 or 5 times a power of ten, at most the given length: for scale bars. */
export function roundLength(most: number): number {
  if (!(most > 0) || !Number.isFinite(most)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const lead = most / power;
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
}

/** A label short enough for its place. */
export const short = (label: string, most = 22): string => {
  const letters = [...label];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : label;
};

/** `0.605(10)`: the uncertainty in units of the last digits, as crystallographers write it. */
export function compact(m: { value: number; sigma: number } | null | undefined): string {
  const [value, sigma] = plusMinus(m?.value, m?.sigma).split(PLUS_MINUS);
  if (sigma === undefined) return value!;
  const last = sigma.includes('.') ? sigma.replace(/^0\.0*/, '').replace('.', '') : sigma;
  return `${value}(${last})`;
}
