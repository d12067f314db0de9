import * as v from 'valibot';
import type { SpectrumEntry } from '../experiment.js';
import type { CalibratedSpectrum, Measured } from '../measurement.js';
import { defineStage, type Keyed, type StageContext } from '../pipeline/stage.js';
import { shiftFeatures } from '../xas/analyse-edge.js';
import {
  type CalibrationShift,
  calibrationShift,
  combineShifts,
  edgeEnergyOf,
  shiftByAngle,
} from '../xas/calibration.js';
import { need } from './products.js';
import type { RawEdges } from './spectrum-items.js';

/** A larger shift is more likely a wrong feature or edge than a monochromator's. */
const PLAUSIBLE_SHIFT_EV = 20;

export const OWN_CHANNEL = 'own reference channel';

export const calibrateEnergyStage = defineStage({
  name: 'calibrate-energy',
  version: 1,
  summary:
    'Puts each spectrum on the energy axis of its own reference channel, or of the calibrants of its edge.',
  needs: {
    item: need('spectra', 'each'),
    edges: need('edge-features', 'same'),
    all: need('edge-features', 'all'),
  },
  gives: 'calibrated',
  params: v.strictObject({
    /** Shift by a constant energy, or by a constant angle of the monochromator. */
    shift: v.optional(v.picklist(['energy', 'angle']), 'energy'),
    /** Lattice spacing of the monochromator, for a shift by angle. Default Si(111). */
    d_spacing_angstrom: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(10)), 3.1356),
  }),
  run: ({ item: { entry, spectrum }, edges, all }, params, context) => {
    if (!edges) throw new Error(`the edge of ${entry.label} could not be looked for`);
    const found = shiftFor(edges, all, context);
    const shift: Measured = found?.shift_eV ?? { value: 0, sigma: Number.NaN };
    const at = edges.features.main?.energy_eV.value ?? spectrum.energy_eV[0]!;
    const energy_eV =
      params.shift === 'angle'
        ? shiftByAngle(spectrum.energy_eV, at, shift.value, params.d_spacing_angstrom)
        : spectrum.energy_eV.map((e) => e + shift.value);
    const features = shiftFeatures(edges.features, shift.value);
    const own = edgeEnergyOf(features, entry.element, entry.edge, entry.feature ?? null);
    return {
      entry,
      spectrum: { ...spectrum, energy_eV, shift_eV: shift } as CalibratedSpectrum,
      features,
      referenceFeatures:
        found?.from === OWN_CHANNEL ? shiftFeatures(edges.reference!, shift.value) : null,
      e0: own && {
        feature: own.feature,
        energy_eV: { value: own.energy_eV.value, sigma: totalSigma(entry, own.energy_eV.sigma, found) },
      },
      calibratedBy: found?.from ?? null,
      anchor_eV: found?.anchor_eV ?? null,
      ownSigma_eV: own?.energy_eV.sigma ?? null,
    };
  },
});

interface FoundShift {
  shift_eV: Measured;
  from: string;
  anchor_eV: number;
}

/** A calibrant's own feature lies at its known energy as well as it could be read; for others both errors count. */
const totalSigma = (entry: SpectrumEntry, own: number, found: FoundShift | null): number =>
  found?.from === entry.label ? own : Math.hypot(own, found?.shift_eV.sigma ?? 0);

/** The spectrum's own reference channel first, then (for a calibrant) itself, then the calibrants of its edge. */
function shiftFor(edges: RawEdges, all: Keyed<RawEdges>[], context: StageContext): FoundShift | null {
  const { entry } = edges;
  const calibrants = all
    .map(({ value }) => value)
    .filter(({ entry: other }) => other.role === 'calibrant' && sameEdge(other, entry));
  if (entry.role === 'calibrant') {
    const shift = shiftOf(edges.features, entry, entry, context);
    if (shift) return { shift_eV: shift.shift_eV, from: entry.label, anchor_eV: shift.e0_eV };
  } else if (edges.reference?.main) {
    const stated = calibrants[0]?.entry ?? { ...entry, e0_eV: null, feature: null };
    const shift = shiftOf(edges.reference, stated, entry, context);
    if (shift) return { shift_eV: shift.shift_eV, from: OWN_CHANNEL, anchor_eV: shift.e0_eV };
  }
  const shifts: { shift_eV: Measured; label: string; e0_eV: number }[] = [];
  for (const calibrant of calibrants) {
    const shift =
      calibrant.entry === entry ? null : shiftOf(calibrant.features, calibrant.entry, entry, null);
    if (shift) shifts.push({ shift_eV: shift.shift_eV, label: calibrant.entry.label, e0_eV: shift.e0_eV });
  }
  if (shifts.length === 0) {
    context.warn(
      `no calibrant of the ${entry.element} ${entry.edge} edge: energies stay as measured, without an uncertainty of the axis`,
      entry.label,
    );
    return null;
  }
  return {
    shift_eV: combineShifts(shifts.map(({ shift_eV }) => shift_eV)),
    from: shifts.map(({ label }) => label).join(', '),
    anchor_eV: shifts[0]!.e0_eV,
  };
}

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
