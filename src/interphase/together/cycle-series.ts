import { leastSquares } from '../../fit/least-squares.js';
import type { Measured } from '../../measurement.js';

/** One sample of a series: how often it was cycled, and what was found (null where it could not be determined). */
export interface CyclePoint {
  sample: string;
  cycles: number;
  value: Measured | null;
  /** Whether there is a layer at all, where that is known: without one there is nothing to have a thickness. */
  present?: boolean | null;
}

export interface CycleFit {
  model: 'saturating' | 'sigmoid' | 'constant';
  /** Level at many cycles. */
  plateau: Measured;
  /** Cycles to 63 % of the plateau (saturating) or to half of it (sigmoid); null for a constant. */
  cycles: Measured | null;
  /** Steepness of the sigmoid. */
  exponent: Measured | null;
  reducedChi2: number;
  aicc: number;
  /** The curve with its 68 % band, on a grid of cycles from 0 to the last. */
  curve: { cycles: Float64Array; value: Float64Array; sigma: Float64Array };
}

export interface CycleSeries {
  points: CyclePoint[];
  /** Models that the data determine, the best first. */
  fits: CycleFit[];
  statements: string[];
}

type Form = (p: ArrayLike<number>, n: number) => number;

const forms: Record<CycleFit['model'], { form: Form; names: string[] }> = {
  constant: { form: (p) => p[0], names: ['plateau'] },
  saturating: { form: (p, n) => p[0] * (1 - Math.exp(-n / p[1])), names: ['plateau', 'cycles'] },
  sigmoid: {
    form: (p, n) => (n > 0 ? p[0] / (1 + (p[1] / n) ** p[2]) : 0),
    names: ['plateau', 'cycles', 'exponent'],
  },
};

/**
 * Thickness or composition against cycle number: a saturating growth a (1 - exp(-N / tau)), a sigmoid one
 * a / (1 + (N0 / N)^n) for layers that start late, and a constant. Models with as many parameters as points are not
 * fitted; the rest are ranked by AICc (Hurvich and Tsai 1989). Uncertainties are raised where the scatter exceeds the
 * stated errors. A value at zero cycles counts like any other.
 */
export function cycleSeries(points: readonly CyclePoint[], quantity = 'thickness'): CycleSeries {
  const sorted = [...points].sort((a, b) => a.cycles - b.cycles);
  const known = sorted.filter(
    (p): p is CyclePoint & { value: Measured } =>
      p.value !== null && Number.isFinite(p.value.value) && p.value.sigma > 0,
  );
  const fits: CycleFit[] = [];
  for (const model of ['saturating', 'sigmoid', 'constant'] as const) {
    if (new Set(known.map((p) => p.cycles)).size <= forms[model].names.length) continue;
    const fit = fitModel(model, known);
    if (fit) fits.push(fit);
  }
  fits.sort((a, b) => a.aicc - b.aicc);
  return { points: sorted, fits, statements: statementsFor(fits, known.length, sorted.length, quantity) };
}

function fitModel(
  model: CycleFit['model'],
  known: readonly (CyclePoint & { value: Measured })[],
): CycleFit | null {
  const { form, names } = forms[model];
  const n = Float64Array.from(known, (p) => p.cycles);
  const y = Float64Array.from(known, (p) => p.value.value);
  const sigma = Float64Array.from(known, (p) => p.value.sigma);
  const top = Math.max(...y);
  const last = Math.max(...n);
  const half = n.find((_, i) => y[i] > top / 2) ?? last / 2;
  let best: ReturnType<typeof leastSquares> | null = null;
  for (const start of [0.5, 1, 2]) {
    const fit = leastSquares({
      parameters: names.map((name) => {
        if (name === 'plateau') return { name, value: top };
        if (name === 'cycles')
          return { name, value: Math.max(half * start * 0.8, last / 100), min: last / 1e4, max: last * 50 };
        return { name, value: 2 * start, min: 0.3, max: 20 };
      }),
      model: (p, out) => {
        for (let i = 0; i < out.length; i++) out[i] = form(p, n[i]);
      },
      y,
      sigma,
      scaleCovariance: 'if-worse',
    });
    if (!best || fit.chi2 < best.chi2) best = fit;
  }
  if (!best || !Number.isFinite(best.chi2)) return null;
  // A parameter that could as well be ten times as large, or zero, was not determined.
  if (best.parameters.some((q) => !(q.sigma < 3 * Math.abs(q.value)))) return null;
  const k = names.length;
  const spare = y.length - k - 1;
  const named = (name: string): Measured | null => {
    const p = best.parameters.find((q) => q.name === name);
    return p ? { value: p.value, sigma: p.sigma } : null;
  };
  return {
    model,
    plateau: named('plateau') ?? { value: Number.NaN, sigma: Number.NaN },
    cycles: named('cycles'),
    exponent: named('exponent'),
    reducedChi2: best.reducedChi2,
    aicc: best.chi2 + 2 * k + (spare > 0 ? (2 * k * (k + 1)) / spare : 2 * k * (k + 1) * 2),
    curve: band(form, best, last),
  };
}

/** The curve with its uncertainty by the delta method. */
function band(form: Form, fit: ReturnType<typeof leastSquares>, last: number): CycleFit['curve'] {
  const p = Float64Array.from(fit.parameters, (q) => q.value);
  const cycles = Float64Array.from({ length: 101 }, (_, i) => (last * i) / 100);
  const value = cycles.map((c) => form(p, c));
  const m = fit.varied.length;
  const sigma = cycles.map((c) => {
    const slope = fit.varied.map((name) => {
      const j = fit.parameters.findIndex((q) => q.name === name);
      const step = 1e-4 * Math.max(Math.abs(p[j]), 1e-6);
      const moved = p.slice();
      moved[j] += step;
      return (form(moved, c) - form(p, c)) / step;
    });
    let variance = 0;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) variance += slope[i] * slope[j] * fit.covariance[i * m + j];
    return Math.sqrt(Math.max(variance, 0));
  });
  return { cycles, value, sigma };
}

function statementsFor(fits: CycleFit[], known: number, all: number, quantity: string): string[] {
  const out: string[] = [];
  if (known < all)
    out.push(`${all - known} of ${all} samples have no ${quantity}; they are listed and not fitted.`);
  if (fits.length === 0) {
    out.push(`${known} values do not determine a growth law.`);
    return out;
  }
  const [best, second] = fits;
  if (second && second.aicc - best.aicc < 2)
    out.push(`The data do not tell a ${best.model} from a ${second.model} course of the ${quantity}.`);
  const raised = Math.sqrt(best.reducedChi2);
  if (raised > 2)
    out.push(
      `The samples lie ${raised.toPrecision(2)} times as far from the ${best.model} course as their errors allow: either they differ from one another by more than their own errors, or the ${quantity} takes another course. The errors of the course are raised by as much.`,
    );
  if (best.cycles && !(best.cycles.sigma < best.cycles.value))
    out.push('The number of cycles to saturation is not determined by these samples.');
  return out;
}
