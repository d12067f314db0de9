import { InputError } from '../../errors.js';
import type { Measured, Spectrum } from '../../measurement.js';
import type { CalibrationDrawing } from '../../report/figures/calibration.js';
import { derivative } from '../../xas/curve/grid.js';
import { featureWidth_eV } from '../../xas/curve/resolution.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import {
  type CalibrationShift,
  calibrationShift,
  defaultFeature,
  shiftByAngle,
} from '../../xas/edge/calibration.js';
import { type EdgeFeatures, featureEnergy } from '../../xas/edge/edge-features.js';
import { REPEATABILITY } from '../../xas/edge/energy-drift.js';
import { writeFigure } from '../loose-figures.js';
import { plusMinus, textTable } from '../table.js';
import type { CalibrateFlags } from './flags.js';
import { loadSpectra, needOneEdge } from './load.js';
import { print, tell, writeSpectrum } from './output.js';

/** A larger shift is more likely a wrong feature or edge than a monochromator's. */
const PLAUSIBLE_SHIFT_EV = 20;

/** One curve with what it says about its energy axis. */
interface Channel {
  label: string;
  spectrum: Spectrum;
  mu: Float64Array;
  features: EdgeFeatures;
  /** What puts its feature at the known energy; null where it is not there, or where this is not a calibrant. */
  shift: CalibrationShift | null;
}

/** The shift of one spectrum, and the channel that it comes from. */
interface Move {
  spectrum: Spectrum;
  by: Channel | null;
  shift_eV: Measured | null;
  from: string;
}

export async function calibrateFiles(files: string[], flags: CalibrateFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  const foils = flags.foil ? await loadSpectra([flags.foil], flags) : [];
  if (foils.length > 1)
    throw new InputError(
      `holds ${foils.length} spectra`,
      { path: flags.foil! },
      'name the foil among them: FILE#GROUP',
    );
  if (foils.length > 0) needOneEdge([...foils, ...loaded], 2, 'calibrate');
  const foil = foils[0] ? channelOf(foils[0].spectrum, 'sample', flags) : null;
  const channels = loaded.map(({ spectrum }) => {
    const reference = spectrum.reference ? channelOf(spectrum, 'reference', flags) : null;
    const isCalibrant = !foil && !reference?.shift;
    return { sample: channelOf(spectrum, 'sample', isCalibrant ? flags : null), reference };
  });
  const moves = channels.map(({ sample, reference }) => moveOf(sample, reference, foil));
  for (const move of moves) doubt(move);
  if (flags.out) await writeAll(flags.out, moves, flags);
  const rows = [
    ...(foil ? [rowOf(foil, null)] : []),
    ...channels.flatMap(({ sample, reference }, k) => [
      rowOf(sample, moves[k]!),
      ...(reference ? [rowOf(reference, null)] : []),
    ]),
  ];
  print(flags, rows, () => tables(rows));
}

function channelOf(
  spectrum: Spectrum,
  channel: 'sample' | 'reference',
  known: CalibrateFlags | null,
): Channel {
  const features = edgeFeaturesOf(spectrum, channel)!;
  const { element, edge } = spectrum;
  const label = channel === 'sample' ? spectrum.label : `${spectrum.label} (reference channel)`;
  const shift = known && calibrationShift(features, element, edge, known.e0 ?? null, known.feature ?? null);
  const usual = known?.feature ?? defaultFeature(element, edge);
  if (shift && shift.feature !== usual)
    tell(`${label}: shows no ${usual}, so its ${shift.feature} is used (say which with --feature)`);
  if (known && !shift) tell(`${label}: its ${usual} is not there, so it gives no shift`);
  return {
    label,
    spectrum,
    mu: channel === 'sample' ? spectrum.mu : spectrum.reference!,
    features,
    shift,
  };
}

/** The spectrum's own reference channel first, then the foil, then its own feature. */
function moveOf(sample: Channel, reference: Channel | null, foil: Channel | null): Move {
  const { spectrum } = sample;
  if (reference?.shift)
    return { spectrum, by: reference, shift_eV: reference.shift.shift_eV, from: 'own reference channel' };
  if (!foil) return { spectrum, by: sample, shift_eV: sample.shift?.shift_eV ?? null, from: 'own feature' };
  if (!foil.shift) return { spectrum, by: foil, shift_eV: null, from: foil.label };
  const { shift_eV, e0_eV } = foil.shift;
  // The monochromator may have moved since the foil was measured.
  const sigma = Math.hypot(shift_eV.sigma, REPEATABILITY * e0_eV);
  return { spectrum, by: foil, shift_eV: { ...shift_eV, sigma }, from: foil.label };
}

function doubt({ spectrum, shift_eV }: Move): void {
  if (shift_eV && Math.abs(shift_eV.value) > PLAUSIBLE_SHIFT_EV)
    tell(
      `${spectrum.label}: a shift of ${shift_eV.value.toFixed(1)} eV is large: is the edge, the feature or e0 wrong?`,
    );
}

const KINDS = {
  main_inflection_eV: 'main-inflection',
  pre_edge_inflection_eV: 'pre-edge-inflection',
  half_step_eV: 'half-step',
  white_line_eV: 'white-line',
} as const;

function rowOf({ label, spectrum, features, shift }: Channel, move: Move | null) {
  const shown = move?.shift_eV ? move : null;
  const own = featureEnergy(features, 'main-inflection');
  return {
    label,
    edge: `${spectrum.element} ${spectrum.edge}`,
    feature: shift?.feature ?? null,
    measured_eV: shift?.measured_eV ?? null,
    e0_eV: shift?.e0_eV ?? null,
    calibration_shift_eV: shift?.shift_eV ?? null,
    moved_by_eV: shown?.shift_eV ?? null,
    moved_by: shown?.from ?? null,
    calibrated_edge_eV: shown && own ? movedEnergy(own, shown) : null,
    inflections: features.inflections.map(({ energy_eV, prominence }) => ({ energy_eV, prominence })),
    ...(Object.fromEntries(
      Object.entries(KINDS).map(([key, kind]) => [key, featureEnergy(features, kind)]),
    ) as Record<keyof typeof KINDS, Measured | null>),
  };
}

/** A spectrum's own feature lies where it was put as well as it could be read; on another's axis both errors count. */
function movedEnergy(own: Measured, { shift_eV, from }: Move): Measured {
  const sigma = from === 'own feature' ? shift_eV!.sigma : Math.hypot(own.sigma, shift_eV!.sigma);
  return { value: own.value + shift_eV!.value, sigma };
}

type Row = ReturnType<typeof rowOf>;

const tables = (rows: Row[]): string =>
  [
    textTable(
      ['spectrum', 'edge', 'feature', 'measured / eV', 'known / eV', 'shift / eV', 'moved by / eV', ''],
      rows.map((r) => [
        r.label,
        r.edge,
        r.feature ?? '–',
        plusMinus(r.measured_eV),
        r.e0_eV === null ? '–' : String(r.e0_eV),
        plusMinus(r.calibration_shift_eV),
        plusMinus(r.moved_by_eV),
        r.moved_by ? `(${r.moved_by})` : '',
      ]),
    ),
    '',
    textTable(
      ['spectrum', 'inflection / eV', 'prominence'],
      rows.flatMap((r) =>
        r.inflections.map((i) => [r.label, plusMinus(i.energy_eV), i.prominence.toFixed(2)]),
      ),
    ),
  ].join('\n');

/** The spectra on their moved axes, and a figure of the features that they were moved by. */
async function writeAll(folder: string, moves: Move[], flags: CalibrateFlags): Promise<void> {
  const drawn = new Map<Channel, CalibrationDrawing>();
  for (const { spectrum, by, shift_eV, from } of moves) {
    if (!by?.shift || !shift_eV) {
      tell(`${spectrum.label}: nothing tells its shift, so it is not written`);
      continue;
    }
    const { measured_eV, e0_eV, feature } = by.shift;
    const move = mover(spectrum, measured_eV.value, e0_eV - measured_eV.value, flags);
    await writeSpectrum(
      folder,
      { ...spectrum, energy_eV: move.energy_eV },
      {
        comments: [
          `energies moved by ${shift_eV.value} +- ${shift_eV.sigma} eV at ${e0_eV} eV, ${move.how}`,
          `so that the ${feature} of ${by.label}, measured at ${measured_eV.value} +- ${measured_eV.sigma} eV, lies there (${from})`,
        ],
        fields: {
          'Calibration.shift_eV': String(shift_eV.value),
          'Calibration.shift_sigma_eV': String(shift_eV.sigma),
        },
      },
    );
    const { energy_eV } = by.spectrum;
    drawn.set(by, {
      label: by.label,
      feature,
      energy_eV,
      moved_eV: mover(by.spectrum, measured_eV.value, e0_eV - measured_eV.value, flags).energy_eV,
      mu: by.mu,
      derivative: derivative(energy_eV, by.mu),
      measured_eV,
      e0_eV,
      span_eV: 10 + 3 * featureWidth_eV(by.spectrum.element, by.spectrum.edge),
    });
  }
  const { calibrationFigure } = await import('../../report/figures/calibration.js');
  if (drawn.size > 0) await writeFigure(folder, calibrationFigure([...drawn.values()]));
}

/** The axis of a spectrum moved by a constant energy, or by a constant angle of its monochromator. */
function mover(
  { energy_eV, dSpacing_A, label }: Spectrum,
  at_eV: number,
  shift_eV: number,
  flags: CalibrateFlags,
): { energy_eV: Float64Array; how: string } {
  if (flags.shift === 'energy')
    return { energy_eV: energy_eV.map((e) => e + shift_eV), how: 'at all energies alike' };
  const spacing = flags.dSpacing ?? dSpacing_A;
  if (spacing === undefined)
    throw new InputError(
      `${label} does not state the d-spacing of its monochromator`,
      null,
      'add --d-spacing 3.1356 (angstrom, Si(111))',
    );
  return {
    energy_eV: shiftByAngle(energy_eV, at_eV, shift_eV, spacing),
    how: `by a constant angle of a monochromator with d = ${spacing} angstrom`,
  };
}
