/**
 * Interval of one parameter from its profile: where the least chi square with the parameter held has risen by `rise`
 * above the minimum. It need not be symmetric, and may be open.
 * Source: Venzon and Moolgavkar, Appl. Statist. 37 (1988) 87.
 */
export interface ProfileOptions {
  /** The best value and its Wald sigma, as a first step. */
  value: number;
  sigma: number;
  /** chi square at the best value. */
  chi2: number;
  /** Least chi square with the parameter held at a value; NaN if that fit failed. */
  refit: (held: number) => number;
  /** 3.8415 for 95 %, times the reduced chi square where sigma of the data is only relative. */
  rise?: number;
  min?: number;
  max?: number;
}

export interface ProfileInterval {
  interval: [number, number];
  /** The profile never rose enough before the bound: the end is the bound itself. */
  open: [boolean, boolean];
  /** A lower minimum that was met on the way: the fit had not found the best value. */
  better: { value: number; chi2: number } | null;
}

export const CHI2_95 = 3.841458820694124;

export function profileInterval(options: ProfileOptions): ProfileInterval {
  let better: ProfileInterval['better'] = null;
  const watched = (held: number): number => {
    const chi2 = options.refit(held);
    if (chi2 < (better?.chi2 ?? options.chi2) - 1e-6 * Math.max(1, options.chi2))
      better = { value: held, chi2 };
    return chi2 - options.chi2 - (options.rise ?? CHI2_95);
  };
  const low = crossing(options, watched, -1);
  const high = crossing(options, watched, 1);
  return { interval: [low.at, high.at], open: [low.open, high.open], better };
}

function crossing(
  {
    value,
    sigma,
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
    rise = CHI2_95,
  }: ProfileOptions,
  excess: (held: number) => number,
  side: -1 | 1,
): { at: number; open: boolean } {
  const bound = side < 0 ? min : max;
  const first = sigma > 0 && Number.isFinite(sigma) ? sigma : Math.max(1e-3 * Math.abs(value), 1e-6);
  let inner = value;
  let innerExcess = -rise;
  let reach = Math.sqrt(rise) * first;
  for (let attempt = 0; attempt < 30; attempt++) {
    const outer = side < 0 ? Math.max(value - reach, bound) : Math.min(value + reach, bound);
    const outerExcess = excess(outer);
    if (outerExcess >= 0)
      return { at: refine(value, excess, inner, innerExcess, outer, outerExcess, rise), open: false };
    if (outer === bound) return { at: bound, open: true };
    // A failed refit counts as still inside: the interval may only come out too wide.
    if (!Number.isNaN(outerExcess)) {
      inner = outer;
      innerExcess = outerExcess;
    }
    const root = Math.sqrt(rise / Math.max(rise + innerExcess, 0.01 * rise));
    reach *= Math.min(Math.max(1.05 * root, 1.3), 4);
  }
  return { at: side < 0 ? Math.max(value - reach, bound) : Math.min(value + reach, bound), open: true };
}

/** Regula falsi on the signed root of the rise, which is straight for a parabola; to 0.1 % of the half width. */
function refine(
  value: number,
  excess: (held: number) => number,
  insideAt: number,
  insideExcess: number,
  outsideAt: number,
  outsideExcess: number,
  rise: number,
): number {
  const root = (over: number) => Math.sqrt(Math.max(0, over + rise)) - Math.sqrt(rise);
  let [a, fa, b, fb] = [insideAt, root(insideExcess), outsideAt, root(outsideExcess)];
  for (let step = 0; step < 25; step++) {
    if (Math.abs(b - a) < 1e-3 * Math.abs(b - value) || fb === 0) break;
    const share = Math.min(Math.max(fa / (fa - fb), 0.05), 0.95);
    const at = step % 4 === 3 ? (a + b) / 2 : a + share * (b - a);
    const over = excess(at);
    const f = Number.isNaN(over) ? fa : root(over);
    if (Math.abs(f) < 1e-3 * Math.sqrt(rise)) return at;
    if (f < 0) [a, fa] = [at, f];
    else [b, fb] = [at, f];
  }
  return a + (fa / (fa - fb)) * (b - a);
}
