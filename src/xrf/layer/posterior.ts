import type { Random } from '../image/random.js';
import { addTo, backward, banded, cholesky, logDeterminant, solve } from './banded.js';
import type { LayerData, LayerState } from './layer-data.js';
import type { LayerTerms } from './layer-terms.js';
import { eachPrecision, type LinePrior } from './line-prior.js';
import { type Newton, trend, type Unknowns } from './newton.js';

/** The Gaussian posterior about the most probable state: evidence, errors of blur and levels, draws of the lines. */
export interface Posterior {
  /** Laplace approximation of the evidence of the lines, with a BIC term for each level: higher is better. */
  evidence: number;
  sigmaError: number;
  levelErrors: Float64Array[];
  /** One draw of all boundaries, [j * M + m]. */
  draw(random: Random): Float64Array;
}

export function posteriorOf(
  data: LayerData,
  x: Unknowns,
  state: LayerState,
  terms: LayerTerms,
  n: Newton,
  priors: readonly LinePrior[],
): Posterior {
  const m = priors.length;
  const { along } = data.frame;
  const elements = data.counts.length;
  const t = n.stepT.length;
  const variance = (p: number): number => {
    const unit = new Float64Array(t);
    unit[p] = 1;
    return solve(n.schur, unit)[p];
  };
  let logPrior = 0;
  const q = banded(along * m, 2 * m);
  priors.forEach((prior, b) => {
    eachPrecision(prior, along, (i, k, value) => {
      addTo(q, i * m + b, k * m + b, value);
      logPrior -= 0.5 * (i === k ? 1 : 2) * value * x.u[i * m + b] * x.u[k * m + b];
    });
  });
  const values = data.sums.number.reduce((s, sums) => s + sums[sums.length - 1], 0);
  const evidence =
    terms.logLikelihood +
    logPrior +
    0.5 * (logDeterminant(cholesky(q)) - logDeterminant(n.factor)) -
    0.5 * t * Math.log(Math.max(values / elements, 2));
  const draw = (random: Random): Float64Array => {
    const normal = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
    const theta = backward(n.schur, normal(t));
    const u = backward(n.factor, normal(along * m));
    for (let i = 0; i < u.length; i++) {
      const b = i % m;
      u[i] += state.boundaries[i] + theta[b] + theta[m + b] * trend(Math.floor(i / m), along);
    }
    for (let p = 0; p < t; p++) for (let i = 0; i < u.length; i++) u[i] -= n.solved[p][i] * theta[p];
    return u;
  };
  return {
    evidence,
    sigmaError: Math.sqrt(variance(t - 1)),
    levelErrors: x.levels.map((l, k) => l.map((_, e) => Math.sqrt(variance(2 * m + k * elements + e)))),
    draw,
  };
}
