/** The lines of the layer over the pristine ones, each free: what the hypotheses are held against. */
import { invertSymmetric } from '../../numeric/linear-algebra.js';
import { type LineModel, TEXTURE_SPREAD } from '../lines/line-model.js';
import type { LineResponse } from '../lines/scan-observations.js';
import type { CoupledModel } from './coupled-model.js';
import type { LayerState } from './layer-state.js';

export interface Contrast {
  ratio: Float64Array;
  covariance: Float64Array;
}

const COMMON_FACTOR_SPREAD = 0.05;

/**
 * R_j with their covariance; their common factor, which is undetermined where no pattern sees both, is held near that of
 * the start. `share` is f_i, `start` ln R_j of the state to which the model was settled.
 *
 * One linear step about the model, on purpose: expanded about the measured ratio itself, a weak line that happens to
 * come out strong in the pristine patterns would get a ratio that is too small and an error that is too small as well.
 */
export function freeContrast(model: LineModel, share: Float64Array, start: Float64Array): Contrast {
  model.expand(share, start);
  model.deviance(share, start, true);
  model.expand(share, start);
  return contrastStep(model, share, start);
}

/** Smallest ratio of a line that is taken for its own. */
export const VANISHING = 0.02;

/**
 * What each line of the layer has beyond the response at the amount of `state`, as a shift of ln R_j, shrunk where it is
 * within its error. The scatter of lines is learned with it: it must not depend on whether the hypothesis is right.
 */
export function offsetOf(
  coupled: CoupledModel,
  state: LayerState,
  response: LineResponse,
  { ratio, covariance }: Contrast,
): Float64Array {
  const J = ratio.length;
  const out = new Float64Array(J);
  coupled.logRatioOf(state, response, null, out);
  return out.map((log, j) => {
    const own = Math.max(VANISHING, ratio[j]);
    const shift = Math.log(own) - log;
    const variance = covariance[j * J + j] / own ** 2;
    return (shift * shift * shift) / (shift * shift + variance || 1);
  });
}

function contrastStep(model: LineModel, share: Float64Array, start: Float64Array): Contrast {
  const J = model.lines;
  const D = 2 * J;
  const A = new Float64Array(D * D);
  const b = new Float64Array(D);
  const h = new Float64Array(J);
  const r = new Float64Array(J);
  for (let i = 0; i < model.patterns.length; i++) {
    const P = model.projected[i];
    const f = share[i];
    for (let j = 0; j < J; j++) {
      // working = s + t + from + (1 - f + f R) / m0 - 1, linear in R.
      const from = model.expanded[i * J + j];
      const inverse = Math.exp(-from);
      h[j] = f * inverse;
      r[j] = model.working[i * J + j] - model.prior[j] - (from + (1 - f) * inverse - 1);
    }
    for (let j = 0; j < J; j++) {
      let sum = 0;
      for (let k = 0; k < J; k++) {
        const p = P[j * J + k];
        sum += p * r[k];
        A[j * D + k] += p;
        A[j * D + J + k] += p * h[k];
        A[(J + j) * D + k] += h[j] * p;
        A[(J + j) * D + J + k] += h[j] * p * h[k];
      }
      b[j] += sum;
      b[J + j] += h[j] * sum;
    }
  }
  for (let j = 0; j < J; j++) {
    A[j * D + j] += 1 / TEXTURE_SPREAD ** 2;
    A[(J + j) * D + J + j] += 1 / 100;
    b[J + j] += 1 / 100;
  }
  fixCommonFactor(A, b, start);
  const inverse = invertSymmetric(A, D);
  const ratio = new Float64Array(J);
  const covariance = new Float64Array(J * J);
  if (!inverse) throw new Error('the line ratios of the layer are not determined');
  for (let j = 0; j < J; j++) {
    for (let k = 0; k < D; k++) ratio[j] += inverse[(J + j) * D + k] * b[k];
    for (let k = 0; k < J; k++) covariance[j * J + k] = inverse[(J + j) * D + J + k];
  }
  return { ratio, covariance };
}

/**
 * Holds the common factor of the ratios, which the free scales leave open, near that of the start: the mean of
 * R_j / start_j, weighted by how well each is known, is one. Adds to the normal equations of `contrastStep`.
 */
function fixCommonFactor(A: Float64Array, b: Float64Array, start: Float64Array): void {
  const J = start.length;
  const D = 2 * J;
  const gauge = start.map((r, j) => A[(J + j) * D + J + j] * Math.exp(r));
  let norm = 0;
  for (let j = 0; j < J; j++) norm += gauge[j] * Math.exp(start[j]);
  const weight = 1 / COMMON_FACTOR_SPREAD ** 2;
  for (let j = 0; j < J; j++) {
    b[J + j] += (weight * gauge[j]) / norm;
    for (let k = 0; k < J; k++) A[(J + j) * D + J + k] += (weight * gauge[j] * gauge[k]) / norm ** 2;
  }
}
