import type { CalibrationFeature } from '../../experiment.js';
import type { Measured } from '../../measurement.js';
import { edgeEnergy_eV, normalizeEdgeName } from '../../reference/edges.js';
import { type EdgeFeatures, featureEnergy } from './edge-features.js';

/**
 * The feature that the tabulated energy of an edge belongs to on its calibration foil: of the transition metals' K edges
 * the first inflection, the foot of the edge, which the steeper rise behind it hides from a search for the edge proper.
 * Copper metal has derivative maxima at 8979 and 8990 eV (its tabulated energy is 8979 eV), iron at 7111 and 7119 eV,
 * yttrium at 17037.4 and 17045.4 eV on the scale of NIST's BMM beamline (S. Kraft et al., Rev. Sci. Instrum. 67 (1996) 681).
 */
export function defaultFeature(element: string, edge: string): CalibrationFeature {
  const transition = normalizeEdgeName(edge) === 'K' && TRANSITION_METALS.has(element);
  return transition ? 'pre-edge-inflection' : 'main-inflection';
}

/** Scandium to cadmium, without the elements between zinc and yttrium. */
const TRANSITION_METALS = new Set('Sc Ti V Cr Mn Fe Co Ni Cu Zn Y Zr Nb Mo Tc Ru Rh Pd Ag Cd'.split(' '));

/** The energy that stands for 'the edge' of a spectrum, and which feature it is. */
export interface EdgeEnergy {
  energy_eV: Measured;
  feature: CalibrationFeature;
}

/**
 * The edge energy of any spectrum: the default feature of its edge where the spectrum has it, else the main inflection.
 * So yttrium metal is read at the foot of its edge and an yttrium oxide, which has none, at its only inflection; a pre-edge
 * peak, as that of a vanadate, is no foot.
 * A `wanted` feature is taken as it is. Null where the spectrum does not have it.
 */
export function edgeEnergyOf(
  features: EdgeFeatures,
  element: string,
  edge: string,
  wanted: CalibrationFeature | null = null,
): EdgeEnergy | null {
  const feature = wanted ?? defaultFeature(element, edge);
  const usable = wanted !== null || feature !== 'pre-edge-inflection' || features.preEdgeIsFoot;
  const chosen = usable ? feature : 'main-inflection';
  const energy_eV = featureEnergy(features, chosen);
  return energy_eV && { energy_eV, feature: chosen };
}

/** A shift to add to measured energies, and where it comes from. */
export interface CalibrationShift {
  shift_eV: Measured;
  /** Measured energy of the feature. */
  measured_eV: Measured;
  feature: CalibrationFeature;
  e0_eV: number;
}

/**
 * Shift that puts the calibration feature of a spectrum at its known energy (the table's where `e0_eV` is null).
 * Null where the spectrum does not have the feature.
 */
export function calibrationShift(
  features: EdgeFeatures,
  element: string,
  edge: string,
  e0_eV: number | null,
  wanted: CalibrationFeature | null,
): CalibrationShift | null {
  const found = edgeEnergyOf(features, element, edge, wanted);
  if (!found) return null;
  const known = e0_eV ?? edgeEnergy_eV(element, edge);
  return {
    shift_eV: { value: known - found.energy_eV.value, sigma: found.energy_eV.sigma },
    measured_eV: found.energy_eV,
    feature: found.feature,
    e0_eV: known,
  };
}

/**
 * One shift from several calibrants: their mean weighted by 1/sigma^2, its uncertainty widened by the Birge ratio where
 * they differ by more than their errors allow (R. T. Birge, Phys. Rev. 40 (1932) 207).
 */
export function combineShifts(shifts: readonly Measured[]): Measured {
  if (shifts.length === 1) return shifts[0]!;
  let weights = 0;
  let sum = 0;
  for (const { value, sigma } of shifts) {
    weights += 1 / sigma ** 2;
    sum += value / sigma ** 2;
  }
  const value = sum / weights;
  const chi2 = shifts.reduce((total, shift) => total + ((shift.value - value) / shift.sigma) ** 2, 0);
  return { value, sigma: Math.sqrt(Math.max(1, chi2 / (shifts.length - 1)) / weights) };
}

/** h c in eV angstrom (CODATA 2018, exact constants). */
const HC_EV_A = 12398.41984332;

/**
 * Moves an energy axis by a constant monochromator angle instead of a constant energy: E = hc / (2 d sin theta), with
 * the angle chosen so that `at_eV` moves by `shift_eV`. A few eV make no difference within 100 eV of the edge; over an
 * EXAFS range they do.
 */
export function shiftByAngle(
  energy: Float64Array,
  at_eV: number,
  shift_eV: number,
  dSpacing_A: number,
): Float64Array {
  const angle = (e: number): number => Math.asin(HC_EV_A / (2 * dSpacing_A * e));
  const turn = angle(at_eV + shift_eV) - angle(at_eV);
  return energy.map((e) => HC_EV_A / (2 * dSpacing_A * Math.sin(angle(e) + turn)));
}
