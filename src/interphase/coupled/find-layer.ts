/** The search for a layer: the best one by any hypothesis, how much better than none it is, and what would be found. */

import type { LineResponse, PatternObservation, ScanObservations } from '../lines/scan-observations.js';
import { CoupledModel } from './coupled-model.js';
import type { LayerState } from './layer-state.js';
import { freeContrast, offsetOf } from './line-contrast.js';

/** Together these weigh against the search for the layer: position (searched for, so twice), width and amount. */
const LAYER_PARAMETERS = 4;

export interface FoundLayer {
  coupled: CoupledModel;
  scan: ScanObservations;
  state: LayerState;
  response: LineResponse;
  /** What the lines have beyond the response. */
  offset: Float64Array;
  deltaBic: number;
  /** BIC of 'no layer' minus that of each hypothesis. */
  gains: { response: LineResponse; gain: number }[];
}

/** The best layer by any hypothesis, and how much better than none it is. */
export function findLayer(
  scan: ScanObservations,
  all: PatternObservation[],
  prior: Float64Array,
  responses: LineResponse[],
  data: number,
): FoundLayer {
  const forward = new CoupledModel(scan.patterns, all, prior, scan, 1);
  // Without an anode in the scan the layer may lie on either side.
  const directions = forward.anode
    ? [forward]
    : [forward, new CoupledModel(scan.patterns, all, prior, scan, -1)];
  const results = directions.map((coupled) => {
    const { state, response } = searchLayer(coupled, responses);
    const end = coupled.anodeEnd();
    const anodeAlone = -2 * coupled.anodeLog(end);
    const offset = settleFreely(coupled, state, response);
    const anodeWith = -2 * coupled.anodeLogOf(state);
    const gains = responses.map((other) => {
      const own = other === response ? state : coupled.scanOuter(other).state;
      return { response: other, deviance: coupled.lineDeviance(own, other, null) };
    });
    coupled.settle(state, response, null, 3, 'spots');
    const withLayer = coupled.settle(state, response, null, 3, null);
    const without = coupled.settleWithout(5, null);
    const penalty = LAYER_PARAMETERS * Math.log(data);
    const deltaBic = without + anodeAlone - withLayer - anodeWith - penalty;
    const reference = gains.find((g) => g.response === response)!.deviance;
    return {
      coupled,
      scan,
      state,
      response,
      offset,
      deltaBic,
      gains: gains.map((g) => ({ response: g.response, gain: deltaBic - (g.deviance - reference) })),
    };
  });
  return results.reduce((a, b) => (b.deltaBic > a.deltaBic ? b : a));
}

function searchLayer(
  coupled: CoupledModel,
  responses: LineResponse[],
): { state: LayerState; response: LineResponse } {
  coupled.settleWithout(5, 'neighbours');
  let state: LayerState | null = null;
  let response = responses[0];
  for (let round = 0; round < 3; round++) {
    let lowest = Infinity;
    for (const candidate of responses) {
      const found = coupled.scanOuter(candidate);
      if (found.deviance < lowest) {
        lowest = found.deviance;
        state = found.state;
        response = candidate;
      }
    }
    state = coupled.climb(state!, response, null);
    coupled.settle(state, response, null, 4, 'neighbours');
    coupled.learnBrightness();
  }
  return { state: coupled.climb(state!, response, null), response };
}

/** Learns the scatter of lines with the layer's lines free, so that it does not hang on the hypothesis. */
function settleFreely(coupled: CoupledModel, state: LayerState, response: LineResponse): Float64Array {
  let offset: Float64Array = new Float64Array(coupled.model.lines);
  for (let round = 0; round < 2; round++) {
    const start = new Float64Array(coupled.model.lines);
    coupled.logRatioOf(state, response, offset, start);
    const contrast = freeContrast(coupled.model, Float64Array.from(coupled.shareOf(state)), start);
    offset = offsetOf(coupled, state, response, contrast);
    coupled.settle(state, response, offset, 4);
  }
  return offset;
}

/** ln-likelihood gain (as BIC) that a layer of amount 0.2, three steps wide, would have brought. */
export function detectability(coupled: CoupledModel, response: LineResponse, data: number): number {
  const { spacing, last } = coupled.geometry;
  const end = coupled.anodeEnd();
  const outer = Math.min(end.position + 3 * spacing, last - spacing);
  const state = coupled.layerUpTo(outer, Math.min(0.2, response.max));
  const logRatio = new Float64Array(coupled.model.lines);
  coupled.logRatioOf(state, response, null, logRatio);
  return coupled.model.expectedGain(coupled.shareOf(state), logRatio) - LAYER_PARAMETERS * Math.log(data);
}
