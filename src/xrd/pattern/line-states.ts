/** The lines of a pattern model one by one: places, areas and widths, and how the pattern compares with each. */
import type { LineKernel } from './line-kernel.js';
import { LinePlace } from './line-place.js';
import { GLOBAL } from './pattern-parameters.js';
import { type PhaseState, updatePhase } from './phase-state.js';
import { pseudoVoigtShape, SHAPE } from './profile.js';
import type { Wavelength } from './radiation.js';
import { marchDollase } from './texture.js';

/** Where a line stands and how strong it is, at given parameters. */
export interface LineState {
  phase: string;
  line: number;
  hkl: readonly [number, number, number];
  /** At the first wavelength, shifts included. */
  twoTheta_deg: number;
  /** Integrated intensity (data units times degrees), all wavelengths. */
  area: number;
  /** Area of one unit of m |F|^2 there. */
  areaPerF2: number;
  fwhm_deg: number;
}

/** What a pattern model lends. */
interface ModelParts {
  twoTheta_deg: Float64Array;
  phases: readonly PhaseState[];
  wavelengths: readonly Wavelength[];
  lorentzPolarisation: (twoTheta_deg: number) => number;
}

/** Position, area and width of every line on the grid. */
export function lineStates({ phases, ...model }: ModelParts, p: Float64Array): LineState[] {
  const first = model.twoTheta_deg[0]!;
  const last = model.twoTheta_deg[model.twoTheta_deg.length - 1]!;
  return phases.flatMap((state) => {
    updatePhase(state, p);
    return state.phase.hkl
      .map((_, line) => lineState(model, state, line, p))
      .filter(({ twoTheta_deg }) => twoTheta_deg >= first && twoTheta_deg <= last);
  });
}

/** `twoTheta_deg` is NaN where no wavelength reaches the line. */
function lineState(
  { wavelengths, lorentzPolarisation }: Pick<ModelParts, 'wavelengths' | 'lorentzPolarisation'>,
  { phase, slots, metric, intensity, cosines2, reference: references }: PhaseState,
  line: number,
  p: Float64Array,
): LineState {
  const hkl = phase.hkl[line]!;
  const q = metric.q(...hkl, null);
  const march = { factor: 1, byR: 0 };
  if (cosines2) marchDollase(p[slots.texture]!, cosines2[line]!, march);
  const common = p[slots.scale]! * Math.exp((-p[slots.B]! * q) / 2) * march.factor;
  const own = slots.line[line]!;
  const reference = references[line]!;
  const extra = own >= 0 ? p[own]! * (Number.isNaN(reference) ? intensity[line]! : reference) : 0;
  const place = new LinePlace();
  const shape = new Float64Array(SHAPE.length);
  let areaPerF2 = 0;
  let twoTheta_deg = Number.NaN;
  for (const { lambda_A, weight } of wavelengths) {
    if (!place.set(q, lambda_A, p, slots)) continue;
    areaPerF2 += common * weight * lorentzPolarisation(place.bragg_deg);
    if (Number.isFinite(twoTheta_deg)) continue;
    twoTheta_deg = place.position;
    pseudoVoigtShape(place.gauss, place.lorentz, shape);
  }
  const area = areaPerF2 * (intensity[line]! + extra);
  return { phase: phase.name, line, hkl, twoTheta_deg, areaPerF2, area, fwhm_deg: shape[SHAPE.H]! };
}

/**
 * Observed over calculated intensity of every line of one phase, by Rietveld's partition: `ratio` is observed over
 * calculated net intensity at each channel (NaN where it has no meaning), averaged under the line's own profile.
 * NaN for lines off the grid.
 */
export function lineRatios(
  { twoTheta_deg, wavelengths }: Pick<ModelParts, 'twoTheta_deg' | 'wavelengths'>,
  state: PhaseState,
  kernel: LineKernel,
  p: Float64Array,
  ratio: Float64Array,
): Float64Array {
  const { phase, slots, metric } = state;
  updatePhase(state, p);
  const place = new LinePlace();
  return Float64Array.from(phase.hkl, (hkl) => {
    const q = metric.q(...hkl, null);
    let sum = 0;
    let weight = 0;
    for (const wavelength of wavelengths) {
      if (!place.set(q, wavelength.lambda_A, p, slots)) continue;
      kernel.compute(place.position, place.gauss, place.lorentz, p[GLOBAL.asymmetry]!, false);
      for (let i = kernel.start; i < kernel.end; i++) {
        if (Math.abs(twoTheta_deg[i]! - place.position) > 3 * kernel.H || Number.isNaN(ratio[i]!)) continue;
        const share = wavelength.weight * kernel.full[i - kernel.start]!;
        sum += share * ratio[i]!;
        weight += share;
      }
    }
    return weight > 0 ? sum / weight : Number.NaN;
  });
}
