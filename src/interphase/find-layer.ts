/** The search for a layer: the best one by any hypothesis, how much better than none it is, and what would be found. */
import { CoupledModel, type LayerState } from './coupled-model.js';
import type { LineResponse, PatternObservation, ScanObservations } from './scan-observations.js';

/** Together these weigh against the search for the layer: position (searched for, so twice), width and amount. */
const LAYER_PARAMETERS = 4;

export interface FoundLayer {
  coupled: CoupledModel;
  scan: ScanObservations;
  state: LayerState;
  response: LineResponse;
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
  const tries = ([1, -1] as const).map((direction) => {
    const coupled = new CoupledModel(scan.patterns, all, prior, scan.beam_um, direction);
    return { coupled, ...searchLayer(coupled, responses) };
  });
  // With an anode in the scan both tries are the same one; without, the layer may lie on either side.
  const candidates = tries[0].coupled.anode ? [tries[0]] : tries;
  const results = candidates.map((candidate) => {
    const { coupled, state, response } = candidate;
    const end = coupled.anodeEnd();
    const anodeAlone = -2 * coupled.anodeLog(end.position, end.width);
    coupled.settle(state, response, null, 6);
    const anodeWith = -2 * coupled.anodeLog(state.inner, state.innerWidth);
    const gains = responses.map((other) => {
      const own = other === response ? state : coupled.scanOuter(other).state;
      return { response: other, deviance: coupled.lineDeviance(own, other, null) };
    });
    const withLayer = coupled.settle(state, response, null, 3, false);
    const without = coupled.settleWithout(5, false);
    const penalty = LAYER_PARAMETERS * Math.log(data);
    const deltaBic = without + anodeAlone - withLayer - anodeWith - penalty;
    const reference = gains.find((g) => g.response === response)!.deviance;
    return {
      coupled,
      scan,
      state,
      response,
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
  coupled.settleWithout(5);
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
    coupled.settle(state, response, null, 4);
    coupled.learnBrightness();
  }
  return { state: coupled.climb(state!, response, null), response };
}

/** ln-likelihood gain (as BIC) that a layer of amount 0.2, three steps wide, would have brought. */
export function detectability(coupled: CoupledModel, response: LineResponse, data: number): number {
  const { spacing, last } = coupled.geometry;
  const end = coupled.anodeEnd();
  const outer = Math.min(end.position + 3 * spacing, last - spacing);
  const state: LayerState = {
    inner: end.position,
    outer,
    innerWidth: 0.3 * spacing,
    outerWidth: 0.3 * spacing,
    amount: Math.min(0.2, response.max),
  };
  const logRatio = new Float64Array(coupled.model.lines);
  coupled.logRatioOf(state, response, null, logRatio);
  return coupled.model.expectedGain(coupled.shareOf(state), logRatio) - LAYER_PARAMETERS * Math.log(data);
}
