/** Pieces of the line model that do not depend on its state. */
import type { PatternObservation } from './scan-observations.js';

/** Terms of each pattern in the elimination, kept while the trial does not change them. */
export class PatternTerms {
  readonly known: Uint8Array;
  readonly square: Float64Array;
  readonly gradient: Float64Array;

  constructor(patterns: number, lines: number) {
    this.known = new Uint8Array(patterns);
    this.square = new Float64Array(patterns);
    this.gradient = new Float64Array(patterns * lines);
  }

  forget(): void {
    this.known.fill(0);
  }
}

/** ln(1 - f + f R) of every pattern and line. */
export function mixLogs(share: Float64Array, logRatio: Float64Array, out: Float64Array): void {
  const J = logRatio.length;
  for (let i = 0; i < share.length; i++) {
    const f = share[i];
    for (let j = 0; j < J; j++)
      out[i * J + j] =
        f < 1e-9 ? 0 : f > 1 - 1e-9 ? logRatio[j] : Math.log(1 - f + f * Math.exp(logRatio[j]));
  }
}

/** Positive scale of a pattern from its strongest lines, for the first expansion. */
export function roughScale(pattern: PatternObservation, prior: Float64Array): number {
  const J = prior.length;
  let top = 0;
  let bottom = 0;
  let noise = 0;
  for (let j = 0; j < J; j++) {
    const variance = pattern.covariance[j * J + j];
    if (!Number.isFinite(pattern.intensity[j]) || !(variance > 0)) continue;
    const expected = Math.exp(prior[j]);
    top += (pattern.intensity[j] * expected) / variance;
    bottom += (expected * expected) / variance;
    noise = Math.sqrt(1 / bottom);
  }
  return bottom > 0 ? Math.max(top / bottom, 0.5 * noise, 1e-12) : 1;
}
