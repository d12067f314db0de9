/** How much line intensities scatter from pattern to pattern beside what counting explains, learned from the scan itself. */
import type { PatternObservation } from './scan-observations.js';

export interface RelativeResidual {
  /** Pattern. */
  i: number;
  /** Of the intensity over the predicted one. */
  value: number;
  /** Its variance by counting. */
  counting: number;
}

/** What scatter is learned from; 'spots' weighs odd spots anew and no more; null leaves all as it is. */
export type NoiseSource = 'residuals' | 'neighbours' | 'spots' | null;

export class LineScatter {
  /** Relative standard deviation of each line from pattern to pattern beyond counting. */
  private readonly grain: Float64Array;
  /** Weights of single spots, [pattern * lines + line]. */
  private readonly robust: Float64Array;
  /** Variances by the scan's own scatter over the stated ones, where those are too large. */
  countingScale = 1;

  constructor(
    private readonly patterns: PatternObservation[],
    private readonly lines: number,
  ) {
    this.grain = new Float64Array(lines).fill(0.05);
    this.robust = new Float64Array(patterns.length * lines).fill(1);
  }

  /** Variance of a line in a pattern, from that by counting. */
  varianceOf(i: number, j: number, counting: number): number {
    return (counting + this.grain[j] ** 2) / this.robust[i * this.lines + j];
  }

  /** From the residuals of each line with their stated variances. */
  learn(source: NonNullable<NoiseSource>, residuals: RelativeResidual[][]): void {
    if (source === 'residuals') this.fromResiduals(residuals);
    if (source === 'neighbours') this.fromNeighbours(residuals);
    if (source === 'spots') this.weighSpots(scaled(residuals, this.countingScale));
  }

  /** Sets scatter beyond counting to next to nothing; returns what puts it back. */
  countingAlone(): () => void {
    const kept = Float64Array.from(this.grain);
    this.grain.fill(1e-4);
    return () => this.grain.set(kept);
  }

  /** For each line, shrunk towards the mean of all; and weights of Student-t residuals for single odd spots. */
  private fromResiduals(stated: RelativeResidual[][]): void {
    const count = stated.flat().length;
    const correction = this.correctionOf(count, this.lines + 2);
    this.countingScale = scatterOverStated(stated.flat(), correction);
    const lines = scaled(stated, this.countingScale);
    this.learnGrain(lines, correction);
    this.weighSpots(lines);
  }

  /**
   * The same from differences of neighbouring patterns alone (J. Rice, Ann. Statist. 12 (1984) 1215), which a layer
   * spoils only at its boundaries: before a layer is looked for, residuals would take it for scatter.
   */
  private fromNeighbours(stated: RelativeResidual[][]): void {
    this.countingScale = 1;
    const place = new Map(this.alongScan().map((i, k) => [i, k]));
    const lines = stated.map((line) => {
      const sorted = [...line].sort((a, b) => (place.get(a.i) ?? 0) - (place.get(b.i) ?? 0));
      return sorted.slice(1).map((r, k) => ({
        i: r.i,
        value: (r.value - sorted[k].value) / Math.SQRT2,
        counting: (r.counting + sorted[k].counting) / 2,
      }));
    });
    this.learnGrain(lines, this.correctionOf(lines.flat().length, 0));
    this.robust.fill(1);
  }

  private alongScan(): number[] {
    const p = this.patterns;
    return Array.from(p.keys()).sort((a, b) => p[a].row - p[b].row || p[a].position_um - p[b].position_um);
  }

  /** Of data over degrees of freedom: every pattern has its scale, and `more` were fitted besides. */
  private correctionOf(data: number, more: number): number {
    return data / Math.max(1, data - this.patterns.length - more);
  }

  private learnGrain(lines: RelativeResidual[][], correction: number): void {
    const common = excessVariance(lines.flat(), correction);
    lines.forEach((line, j) => {
      const own = line.length >= 3 ? excessVariance(line, correction) : common;
      this.grain[j] = Math.sqrt((line.length * own + 12 * common) / (line.length + 12));
    });
  }

  private weighSpots(lines: RelativeResidual[][]): void {
    lines.forEach((line, j) => {
      for (const { i, value, counting } of line)
        this.robust[i * this.lines + j] = Math.min(
          1,
          10 / (5 + value ** 2 / (counting + this.grain[j] ** 2)),
        );
    });
  }
}

const scaled = (lines: RelativeResidual[][], scale: number): RelativeResidual[][] =>
  lines.map((line) => line.map((r) => ({ ...r, counting: scale * r.counting })));

/**
 * Mean square of the residuals over their stated variances (outliers clipped), between 0.3 and 1. Fits of single patterns
 * may state too large errors: misfit of the structure, alike in all patterns, inflates them, yet cancels in the ratios.
 */
function scatterOverStated(residuals: RelativeResidual[], correction: number): number {
  if (residuals.length < 50) return 1;
  let scale = 1;
  for (let pass = 0; pass < 5; pass++) {
    let sum = 0;
    for (const { value, counting } of residuals)
      sum += Math.min(9, (correction * value ** 2) / (scale * counting));
    scale = Math.min(1, Math.max(0.3, (scale * sum) / (0.985 * residuals.length)));
  }
  return scale;
}

/** Variance v >= 0 with which residuals of variance `counting + v` have unit mean square (outliers clipped). */
function excessVariance(residuals: RelativeResidual[], correction: number): number {
  const excess = (v: number): number => {
    let sum = 0;
    for (const { value, counting } of residuals)
      sum += Math.min(9, (correction * value ** 2) / (counting + v)) - 0.985;
    return sum;
  };
  if (residuals.length === 0 || excess(0) <= 0) return 1e-6;
  let low = 0;
  let high = 4;
  for (let step = 0; step < 40; step++) {
    const mid = (low + high) / 2;
    if (excess(mid) > 0) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
