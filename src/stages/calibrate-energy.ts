import * as v from 'valibot';
import type { SpectrumEntry } from '../experiment.js';
import type { CalibratedSpectrum, Measured, Spectrum } from '../measurement.js';
import { defineStage, type StageContext } from '../pipeline/stage.js';
import { edgeEnergy_eV } from '../reference/edges.js';
import { estimateNoise } from '../xas/curve/noise.js';
import { featureWidth_eV } from '../xas/curve/resolution.js';
import { alignIfSameShape, type NoisyCurve } from '../xas/edge/align.js';
import { shiftFeatures } from '../xas/edge/analyse-edge.js';
import {
  type CalibrationShift,
  calibrationShift,
  combineShifts,
  defaultFeature,
  edgeEnergyOf,
  shiftByAngle,
} from '../xas/edge/calibration.js';
import { REPEATABILITY } from '../xas/edge/energy-drift.js';
import { need } from './products.js';
import type { RawEdges } from './spectrum-items.js';

/** A larger shift is more likely a wrong feature or edge than a monochromator's. */
const PLAUSIBLE_SHIFT_EV = 20;
const SI_111_SPACING_A = 3.1356;
export const OWN_CHANNEL = 'own reference channel';

export const calibrateEnergyStage = defineStage({
  name: 'calibrate-energy',
  version: 4,
  summary:
    'Puts each spectrum on the energy axis of its own reference channel, or of the calibrants of its edge.',
  needs: {
    item: need('spectra', 'each'),
    edges: need('edge-features', 'same'),
    all: need('edge-features', 'all'),
    spectra: need('spectra', 'all'),
  },
  gives: 'calibrated',
  params: v.strictObject({
    /** Shift by a constant energy, or by a constant angle of the monochromator. */
    shift: v.optional(v.picklist(['energy', 'angle']), 'energy'),
    /** Lattice spacing of the monochromator, for a shift by angle; by default the one that the file states, else Si(111). */
    d_spacing_angstrom: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(10))),
  }),
  run: ({ item: { entry, spectrum }, edges, all, spectra }, params, context) => {
    if (!edges) throw new Error(`the edge of ${entry.label} could not be looked for`);
    const calibrants = all.flatMap(({ key, value }): Calibrant[] => {
      const measured = spectra.find((other) => other.key === key)?.value.spectrum;
      const isOne = value.entry.role === 'calibrant' && sameEdge(value.entry, entry);
      return isOne && measured ? [{ edges: value, spectrum: measured }] : [];
    });
    const found = shiftFor(edges, spectrum, calibrants, context);
    const shift: Measured = found?.shift_eV ?? { value: 0, sigma: Number.NaN };
    // Where the feature that was calibrated on was measured.
    const at = (found?.anchor_eV ?? spectrum.energy_eV[0]!) - shift.value;
    const energy_eV =
      params.shift === 'angle'
        ? shiftByAngle(
            spectrum.energy_eV,
            at,
            shift.value,
            params.d_spacing_angstrom ?? spectrum.dSpacing_A ?? SI_111_SPACING_A,
          )
        : spectrum.energy_eV.map((e) => e + shift.value);
    const features = shiftFeatures(edges.features, shift.value);
    const own = edgeEnergyOf(features, entry.element, entry.edge, entry.feature);
    const usual = entry.feature ?? defaultFeature(entry.element, entry.edge);
    if (entry.role === 'calibrant' && own && own.feature !== usual)
      context.warn(
        `shows no ${usual}, which its tabulated energy belongs to on a foil: its ${own.feature} was put there; say which with 'feature:'`,
        entry.label,
      );
    return {
      entry,
      spectrum: { ...spectrum, energy_eV, shift_eV: shift } as CalibratedSpectrum,
      features,
      referenceFeatures: found?.from === OWN_CHANNEL ? shiftFeatures(edges.reference!, shift.value) : null,
      e0: own && {
        feature: own.feature,
        energy_eV: { value: own.energy_eV.value, sigma: totalSigma(entry, own.energy_eV.sigma, found) },
      },
      calibratedBy: found?.from ?? null,
      anchor_eV: found?.anchor_eV ?? null,
      sameShapeShift_eV: found ? sameShapeShift(entry, spectrum, shift, found, calibrants[0]) : null,
      axisSigma_eV: found?.axisSigma_eV ?? null,
      ownSigma_eV: own?.energy_eV.sigma ?? null,
    };
  },
});

interface Calibrant {
  edges: RawEdges;
  spectrum: Spectrum;
}

interface FoundShift {
  shift_eV: Measured;
  from: string;
  anchor_eV: number;
  /** Of the alignment on the calibrant, where there was one. */
  axisSigma_eV: number | null;
}

/** A calibrant's own feature lies at its known energy as well as it could be read; for others both errors count. */
const totalSigma = (entry: SpectrumEntry, own: number, found: FoundShift | null): number =>
  found?.from === entry.label ? own : Math.hypot(own, found?.shift_eV.sigma ?? 0);

/**
 * The spectrum's own reference channel first, or (for a calibrant) itself; then what its file says of an earlier calibration; then
 * the calibrants of its edge.
 */
function shiftFor(
  edges: RawEdges,
  spectrum: Spectrum,
  calibrants: Calibrant[],
  context: StageContext,
): FoundShift | null {
  const { entry } = edges;
  if (entry.role === 'calibrant') {
    const shift = shiftOf(edges.features, entry, entry, context);
    if (shift)
      return { shift_eV: shift.shift_eV, from: entry.label, anchor_eV: shift.e0_eV, axisSigma_eV: 0 };
  } else if (edges.reference?.main) {
    const stated = calibrants[0]?.edges.entry ?? { ...entry, e0_eV: null, feature: null };
    const shift = shiftOf(edges.reference, stated, entry, context);
    if (shift) return alignedOr(shift, spectrum, calibrants[0]);
  }
  // A calibrant would move it twice.
  if (entry.role !== 'calibrant' && spectrum.axisSigma_eV !== undefined)
    return {
      shift_eV: { value: 0, sigma: spectrum.axisSigma_eV },
      from: 'its file',
      anchor_eV: edgeEnergy_eV(entry.element, entry.edge),
      axisSigma_eV: null,
    };
  const shifts: { shift_eV: Measured; label: string; e0_eV: number }[] = [];
  for (const { edges: calibrant } of calibrants) {
    const shift =
      calibrant.entry.label === entry.label && calibrant.entry.line === entry.line
        ? null
        : shiftOf(calibrant.features, calibrant.entry, entry, null);
    if (shift) shifts.push({ shift_eV: shift.shift_eV, label: calibrant.entry.label, e0_eV: shift.e0_eV });
  }
  if (shifts.length === 0) {
    context.warn(
      `no calibrant of the ${entry.element} ${entry.edge} edge: energies stay as measured, without an uncertainty of the axis`,
      entry.label,
    );
    return null;
  }
  const { value, sigma } = combineShifts(shifts.map(({ shift_eV }) => shift_eV));
  return {
    // The monochromator may have moved since the calibrant was measured.
    shift_eV: { value, sigma: Math.hypot(sigma, REPEATABILITY * shifts[0]!.e0_eV) },
    from: shifts.map(({ label }) => label).join(', '),
    anchor_eV: shifts[0]!.e0_eV,
    axisSigma_eV: null,
  };
}

/**
 * The shift of a reference channel: where its whole edge can be laid on that of the calibrant, that alignment plus the
 * calibrant's own shift; else the feature that was read in the channel itself.
 */
function alignedOr(
  shift: CalibrationShift,
  spectrum: Spectrum,
  calibrant: Calibrant | undefined,
): FoundShift {
  const plain = { shift_eV: shift.shift_eV, from: OWN_CHANNEL, anchor_eV: shift.e0_eV, axisSigma_eV: null };
  if (!calibrant) return plain;
  const { entry, features } = calibrant.edges;
  const foil = calibrationShift(features, entry.element, entry.edge, entry.e0_eV, entry.feature);
  if (!foil) return plain;
  const aligned = alignIfSameShape(
    curveOf(spectrum, spectrum.reference!),
    curveOf(calibrant.spectrum, calibrant.spectrum.mu),
    foil.measured_eV.value,
    featureWidth_eV(entry.element, entry.edge),
  );
  if (!aligned) return plain;
  const value = aligned.shift_eV.value + foil.shift_eV.value;
  const sigma = Math.hypot(aligned.shift_eV.sigma, foil.shift_eV.sigma);
  const apart = Math.abs(value - shift.shift_eV.value);
  if (apart > 5 * Math.hypot(sigma, shift.shift_eV.sigma) + 0.2) return plain;
  return { ...plain, shift_eV: { value, sigma }, axisSigma_eV: aligned.shift_eV.sigma };
}

/** Edge of the spectrum minus that of the calibrant on the calibrated axis, if one is the other moved. */
function sameShapeShift(
  entry: SpectrumEntry,
  spectrum: Spectrum,
  shift: Measured,
  found: FoundShift,
  calibrant: Calibrant | undefined,
): Measured | null {
  if (!calibrant || entry.role === 'calibrant') return null;
  const { entry: foilEntry, features } = calibrant.edges;
  const foil = calibrationShift(
    features,
    foilEntry.element,
    foilEntry.edge,
    foilEntry.e0_eV,
    foilEntry.feature,
  );
  if (!foil || !features.main) return null;
  const aligned = alignIfSameShape(
    curveOf(calibrant.spectrum, calibrant.spectrum.mu),
    curveOf(spectrum, spectrum.mu),
    features.main.energy_eV.value,
    featureWidth_eV(entry.element, entry.edge),
  );
  // Measured on a shared axis, or each axis fixed by its own alignment or feature.
  if (!aligned) return null;
  const axis = found.from === OWN_CHANNEL ? (found.axisSigma_eV ?? found.shift_eV.sigma) : 0;
  return {
    value: aligned.shift_eV.value + shift.value - foil.shift_eV.value,
    sigma: Math.hypot(aligned.shift_eV.sigma, axis),
  };
}

const curveOf = ({ energy_eV, sigma, mu }: Spectrum, values: Float64Array): NoisyCurve => ({
  energy_eV,
  mu: values,
  sigma: estimateNoise(energy_eV, values, values === mu ? sigma : null).sigma,
});

const sameEdge = (a: SpectrumEntry, b: SpectrumEntry): boolean =>
  a.element === b.element && a.edge === b.edge;

/** The shift that one measured edge asks for; null, with a warning, where it is missing or not to be believed. */
function shiftOf(
  features: RawEdges['features'],
  stated: SpectrumEntry,
  entry: SpectrumEntry,
  context: StageContext | null,
): CalibrationShift | null {
  const shift = calibrationShift(features, stated.element, stated.edge, stated.e0_eV, stated.feature);
  if (!shift) {
    context?.warn(
      `cannot calibrate on the ${stated.feature ?? 'edge'} of ${stated.label}: it is not there`,
      entry.label,
    );
    return null;
  }
  if (Math.abs(shift.shift_eV.value) > PLAUSIBLE_SHIFT_EV) {
    context?.warn(
      `the ${shift.feature} lies ${shift.shift_eV.value.toFixed(1)} eV from ${shift.e0_eV} eV: not used for calibration; is the edge, the feature or e0 wrong?`,
      entry.label,
    );
    return null;
  }
  return shift;
}
