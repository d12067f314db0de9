import { Random } from '../numeric/random.js';
import type { CutCell } from './cell.js';
import { indiumShapes, yttriumShapes } from './reference-shapes.js';
import type { Settings } from './settings.js';
import { energyGrid, type SimulatedSpectrum, transmissionColumns } from './spectrum-scan.js';
import {
  inflectionsOf,
  mainInflection,
  mixtureAt,
  shapeAt,
  shifted,
  type XanesShape,
} from './xanes-shape.js';

/** Tabulated edge energies (XrayDB, Elam): the foils' calibration features take them. */
const Y_K_EV = 17_038;
const IN_K_EV = 27_940;

/** The Y foil with its first (pre-edge) inflection at the tabulated energy, and Y3+ moved along with it. */
export function yttriumOnTrueAxis(): { foil: XanesShape; trivalent: XanesShape } {
  const first = inflectionsOf((e) => shapeAt(yttriumShapes.foil, e), 17_020, 17_070)[0]!.energy_eV;
  return { foil: shifted(yttriumShapes.foil, Y_K_EV - first), trivalent: yttriumShapes['Y(III)'] };
}

function indiumOnTrueAxis(): { foil: XanesShape; trivalent: XanesShape } {
  const main = steepest(indiumShapes.foil, 27_910, 27_990);
  return {
    foil: shifted(indiumShapes.foil, IN_K_EV - main),
    trivalent: shifted(indiumShapes['In(III)'], IN_K_EV - main),
  };
}

const steepest = (shape: XanesShape, from: number, to: number): number =>
  mainInflection((e) => shapeAt(shape, e), from, to);

/**
 * Indium whose steepest point lies `by_eV` above the metal's: a mixture with In3+ that moves it so far, or the whole
 * edge moved where no mixture can.
 */
function movedEdge(indium: { foil: XanesShape; trivalent: XanesShape }, by_eV: number): HardScan['parts'] {
  const mixture = (share: number) => [
    { shape: indium.foil, weight: 1 - share },
    { shape: indium.trivalent, weight: share },
  ];
  const moved = (share: number) =>
    mainInflection((e) => mixtureAt(mixture(share), e), 27_910, 27_990) - IN_K_EV;
  if (by_eV === 0) return mixture(0);
  if (!(by_eV > 0 && by_eV < moved(1))) return [{ shape: shifted(indium.foil, by_eV), weight: 1 }];
  let [low, high] = [0, 1];
  for (let round = 0; round < 18; round++) {
    const middle = (low + high) / 2;
    if (moved(middle) < by_eV) low = middle;
    else high = middle;
  }
  return mixture((low + high) / 2);
}

interface HardScan {
  label: string;
  role: SimulatedSpectrum['role'];
  parts: { shape: XanesShape; weight: number }[];
  step: number;
  withReference: boolean;
  /** Labels of the spectra that the parts are, where they are such. */
  names?: string[];
  entry?: Record<string, string>;
}

/** Y K and In K spectra in transmission, each sample with the foil in its reference channel. */
export function simulateHardXanes(settings: Settings, cell: CutCell, seed: number): SimulatedSpectrum[] {
  const y = yttriumOnTrueAxis();
  const indium = indiumOnTrueAxis();
  const one = (shape: XanesShape) => [{ shape, weight: 1 }];
  const cycled = settings.cycles > 0 ? settings['edge-shift.in'] : 0;
  const yttrium: HardScan[] = [
    {
      label: 'Y foil',
      role: 'calibrant',
      parts: one(y.foil),
      step: 1,
      withReference: false,
      entry: { e0: `${Y_K_EV} eV` },
    },
    { label: 'Y metal', role: 'reference', parts: one(y.foil), step: 0.8, withReference: true },
    { label: 'LYC', role: 'reference', parts: one(y.trivalent), step: 0.9, withReference: true },
    { label: 'anode cycled', role: 'sample', parts: one(y.trivalent), step: 0.35, withReference: true },
  ];
  const anode = movedEdge(indium, cycled);
  const indiumScans: HardScan[] = [
    {
      label: 'In foil',
      role: 'calibrant',
      parts: one(indium.foil),
      step: 1,
      withReference: false,
      entry: { e0: `${IN_K_EV} eV` },
    },
    { label: 'InCl3', role: 'reference', parts: one(indium.trivalent), step: 0.8, withReference: true },
    { label: 'anode pristine', role: 'sample', parts: one(indium.foil), step: 0.7, withReference: true },
    {
      label: 'anode cycled',
      role: 'sample',
      parts: anode,
      ...(anode.length === 2 ? { names: ['In foil', 'InCl3'] } : {}),
      step: 0.7,
      withReference: true,
    },
  ];
  if (cell.kind.startsWith('in-on'))
    indiumScans.push({
      label: 'AEI',
      role: 'sample',
      parts: one(indium.trivalent),
      step: 0.25,
      withReference: true,
    });
  const yGrid = energyGrid([
    [16_840, 17_010, 5],
    [17_010, 17_080, 0.5],
    [17_080, 17_250, 2],
    [17_250, 17_500, 5],
  ]);
  const inGrid = energyGrid([
    [27_700, 27_900, 8],
    [27_900, 27_990, 0.75],
    [27_990, 28_200, 3],
    [28_200, 28_500, 8],
  ]);
  return [
    ...yttrium.map((scan) => hardSpectrum('Y', scan, y.foil, yGrid, settings['shift.y'], settings, seed)),
    ...indiumScans.map((scan) =>
      hardSpectrum('In', scan, indium.foil, inGrid, settings['shift.in'], settings, seed),
    ),
  ];
}

function hardSpectrum(
  element: 'Y' | 'In',
  scan: HardScan,
  foil: XanesShape,
  energy: Float64Array,
  meanShift: number,
  settings: Settings,
  seed: number,
): SimulatedSpectrum {
  const random = settings.noise ? new Random(seed, `${element} K ${scan.label}`) : null;
  const shift = meanShift + (random ? random.normal(0, settings['shift-jitter']) : 0);
  const at = (e: number) => mixtureAt(scan.parts, e);
  const [from, to] = element === 'Y' ? [17_015, 17_075] : [27_905, 27_995];
  const inflections = inflectionsOf(at, from, to);
  const foilMain = steepest(foil, from, to);
  const main = inflections.find(({ prominence }) => prominence === 1)!.energy_eV;
  const columns = transmissionColumns(
    energy,
    { mu: energy.map((e) => at(e + shift)), step: scan.step },
    scan.withReference ? { mu: energy.map((e) => shapeAt(foil, e + shift)), step: 0.5 } : null,
    settings['hard.counts'],
    random,
  );
  return {
    file: `xas/${element}_${scan.label.replaceAll(' ', '-')}.xdi`,
    label: scan.label,
    element,
    edge: 'K',
    role: scan.role,
    columns,
    header: {
      'Mono.name': element === 'Y' ? 'Si(111)' : 'Si(311)',
      'Mono.d_spacing': element === 'Y' ? '3.13560' : '1.63747',
      'Sample.name': scan.label,
      ...(scan.withReference ? { 'Sample.reference': `${element} foil` } : {}),
    },
    entry: scan.entry ?? {},
    truth: {
      ...(scan.names
        ? { weights: Object.fromEntries(scan.names.map((name, i) => [name, scan.parts[i]!.weight])) }
        : {}),
      main_inflection_eV: main,
      inflections,
      calibration_shift_eV: shift,
      edge_shift_eV: { value: main - foilMain, relative_to: `${element} foil`, feature: 'main-inflection' },
    },
  };
}
