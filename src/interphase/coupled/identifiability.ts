/**
 * How well a scan can answer, before (or after) it is measured: the Fisher information of all its line intensities and
 * phase amounts, grain statistics included, about a layer state. Scales of patterns and pristine lines are eliminated
 * exactly. What else could differ between layer and electrolyte is freed one by one, to show what x hangs on.
 */
import { invertSymmetric } from '../../numeric/linear-algebra.js';
import { beamShare } from '../edges/transition.js';
import { type LineResponse, logResponse, type ScanLine } from '../lines/scan-observations.js';
import type { AnodeProfile } from './anode-edge.js';
import type { CoupledModel } from './coupled-model.js';
import type { LayerState } from './layer-state.js';
import { RESPONSE_ERROR } from './rank-hypotheses.js';

export const PLACE_PARAMETERS = ['x', 'anode|aei', 'aei|electrolyte', 'inner width', 'outer width'] as const;
export const NUISANCES = ['yttrium migration', 'texture difference', 'Debye-Waller difference'] as const;

export interface Identifiability {
  /** Best reachable standard deviations with only places, widths and x unknown. */
  sigma: Record<(typeof PLACE_PARAMETERS)[number], number>;
  /** The thickness, from the covariance of both boundaries. */
  thicknessSigma_um: number;
  /** sigma(x) when this may differ between layer and electrolyte as well, and its correlation with x then. */
  freed: { name: string; sigmaX: number; correlation: number }[];
  /** Correlations of x in the basic fit, the largest first. */
  correlations: { name: string; correlation: number }[];
  /** sigma(x) without grain statistics: what counting alone would allow. */
  countingSigmaX: number;
}

/** Weak knowledge of widths (in steps), without which a sharp boundary between two points has no finite error. */
const WIDTH_PRIOR_STEPS = 0.7;

export function identifiability(
  coupled: CoupledModel,
  lines: ScanLine[],
  state: LayerState,
  response: LineResponse,
  migration: LineResponse | null,
): Identifiability {
  const effects = effectsOf(coupled, lines, state, response, migration);
  const all = coupled.model.information(effects.columns);
  const D = effects.columns.length;
  addAnode(coupled, state, all, D);
  addWidthPriors(coupled, all, D);
  const basic = [0, 1, 2, 3, 4];
  // What the responses themselves are not known to comes on top, as in the answer of a scan.
  const withResponse = (variance: number): number =>
    Math.hypot(Math.sqrt(variance), RESPONSE_ERROR * state.amount);
  const covariance = inverseOf(all, D, basic);
  const at = (i: number, k: number): number => covariance[i * basic.length + k];
  const sigma = Object.fromEntries(
    PLACE_PARAMETERS.map((name, k) => [name, k === 0 ? withResponse(at(0, 0)) : Math.sqrt(at(k, k))]),
  ) as Record<(typeof PLACE_PARAMETERS)[number], number>;
  const correlations = PLACE_PARAMETERS.slice(1)
    .map((name, k) => ({ name, correlation: at(0, k + 1) / Math.sqrt(at(0, 0) * at(k + 1, k + 1)) }))
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
  const freed = effects.names.slice(basic.length).map((name, extra) => {
    const set = [...basic, basic.length + extra];
    const c = inverseOf(all, D, set);
    const n = set.length;
    const last = n - 1;
    return {
      name,
      sigmaX: withResponse(c[0]),
      correlation: c[last] / Math.sqrt(c[0] * c[last * n + last]),
    };
  });
  return {
    sigma,
    thicknessSigma_um: Math.sqrt(Math.max(0, at(1, 1) + at(2, 2) - 2 * at(1, 2))),
    freed,
    correlations,
    countingSigmaX: countingOnly(coupled, effects.columns.slice(0, 5), state),
  };
}

/** d ln m / d parameter for every pattern and line: places and x by differences, the rest as shifts of ln R. */
function effectsOf(
  coupled: CoupledModel,
  lines: ScanLine[],
  state: LayerState,
  response: LineResponse,
  migration: LineResponse | null,
): { names: string[]; columns: Float64Array[] } {
  const { spacing } = coupled.geometry;
  const keys = ['amount', 'inner', 'outer', 'innerWidth', 'outerWidth'] as const;
  const widths = {
    innerWidth: Math.max(state.innerWidth, 0.15 * spacing),
    outerWidth: Math.max(state.outerWidth, 0.15 * spacing),
  };
  const base = { ...state, ...widths };
  const columns: Float64Array[] = keys.map((key) => {
    const h = key === 'amount' ? 0.002 : 0.03 * spacing;
    const up = coupled.logMixture({ ...base, [key]: base[key] + h }, response);
    const down = coupled.logMixture({ ...base, [key]: base[key] - h }, response);
    return up.map((v, k) => (v - down[k]) / (2 * h));
  });
  const names: string[] = [...PLACE_PARAMETERS];
  const logRatio = new Float64Array(lines.length);
  logResponse(response, state.amount, logRatio);
  const shiftBy = (name: string, shift: ArrayLike<number>): void => {
    names.push(name);
    const share = coupled.shareOf(base);
    columns.push(
      Float64Array.from({ length: share.length * lines.length }, (_, k) => {
        const f = share[Math.floor(k / lines.length)];
        const R = Math.exp(logRatio[k % lines.length]);
        return ((f * R) / (1 - f + f * R)) * shift[k % lines.length];
      }),
    );
  };
  if (migration) {
    const small = new Float64Array(lines.length);
    logResponse(migration, 0.01, small);
    shiftBy(
      NUISANCES[0],
      small.map((v) => v / 0.01),
    );
  }
  shiftBy(
    NUISANCES[1],
    lines.map((l) => (3 * (3 * l.cos2FromC - 1)) / 2),
  );
  shiftBy(
    NUISANCES[2],
    lines.map((l) => -2 * l.s2),
  );
  return { names, columns };
}

/** Information of the anode's profile on the inner boundary and its width. */
function addAnode(coupled: CoupledModel, state: LayerState, information: Float64Array, D: number): void {
  const { anode, geometry } = coupled;
  if (!anode) {
    // Nothing is known of the inner boundary: hold it, so that the rest has a meaning.
    information[D + 1] += 1e12;
    return;
  }
  const { beam_um, spacing, direction } = geometry;
  const width = Math.max(state.innerWidth, 0.15 * spacing);
  const h = 0.02 * spacing;
  anode.position_um.forEach((p, i) => {
    const at = (b: number, s: number): number => 1 - beamShare(direction * p - b, s, beam_um);
    const byPlace = (at(state.inner + h, width) - at(state.inner - h, width)) / (2 * h);
    const byWidth = (at(state.inner, width + h) - at(state.inner, width - h)) / (2 * h);
    const weight = 1 / anodeVariance(anode, i, at(state.inner, width));
    const [a, b] = [1, 3];
    information[a * D + a] += weight * byPlace * byPlace;
    information[a * D + b] += weight * byPlace * byWidth;
    information[b * D + a] += weight * byPlace * byWidth;
    information[b * D + b] += weight * byWidth * byWidth;
  });
}

const anodeVariance = (anode: AnodeProfile, i: number, w: number): number =>
  anode.counting[i] +
  anode.floor ** 2 +
  (w * (1 - w)) ** 2 * (anode.anodeScatter ** 2 + anode.electrolyteScatter ** 2);

function addWidthPriors(coupled: CoupledModel, information: Float64Array, D: number): void {
  const weight = 1 / (WIDTH_PRIOR_STEPS * coupled.geometry.spacing) ** 2;
  for (const k of [3, 4]) information[k * D + k] += weight;
}

function inverseOf(information: Float64Array, D: number, set: number[]): Float64Array {
  const n = set.length;
  const part = new Float64Array(n * n);
  set.forEach((a, i) => {
    set.forEach((b, k) => {
      part[i * n + k] = information[a * D + b];
    });
    // A trace of information keeps what the scan does not determine finite, and visibly large.
    part[i * n + i] += 1e-8;
  });
  return invertSymmetric(part, n) ?? new Float64Array(n * n).fill(Number.NaN);
}

function countingOnly(coupled: CoupledModel, columns: Float64Array[], state: LayerState): number {
  const information = coupled.model.withoutGrain(() => coupled.model.information(columns));
  const D = columns.length;
  addAnode(coupled, state, information, D);
  addWidthPriors(coupled, information, D);
  return Math.sqrt(inverseOf(information, D, [0, 1, 2, 3, 4])[0]);
}
