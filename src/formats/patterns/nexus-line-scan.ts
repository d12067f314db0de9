import type { Pattern } from '../../measurement.js';
import { type H5DatasetReader, type H5GroupReader, MAX_READ } from '../common/hdf5.js';
import { azimuthAxis, diffractionAxis, findNexusData, type NexusData } from '../common/nexus-data.js';
import { axisIn, unitFactor } from '../common/units.js';
import { placesOf, rowsOf, scanAxes } from './nexus-places.js';
import { statedWavelength_A } from './nexus-wavelength.js';
import { cleanPattern } from './pattern-clean.js';
import { emptyBins, meanOfSectors, type Taken } from './sectors.js';

export interface NexusLineScan {
  /** Each is read when its turn comes, once. */
  patterns: Iterable<Pattern>;
  positions_um: Float64Array | null;
  /** Row of each pattern, of a scan over two axes. */
  rows: Int32Array;
  /** As the file states it beside the data. */
  wavelength_A: number | null;
  /** Complete when the patterns were walked through. */
  warnings: Set<string>;
}

/**
 * Patterns of an NXdata whose axes are position and two_theta in any order, with rows and azimuthal sectors as further
 * axes. Sectors (as pyFAI's two-dimensional integration gives them) are averaged; their scatter, which holds the grain
 * statistics, becomes the uncertainty of the mean.
 * @param wavelength_A needed only for an axis q.
 * @param positioned false where positions come from elsewhere: the file's own are not looked at.
 * @throws InputError where axes are missing or do not fit.
 */
export function nexusLineScan(
  root: H5GroupReader,
  path: string | null,
  wavelength_A: number | null,
  positioned: boolean,
): NexusLineScan {
  const data = findNexusData(root, path, (found) => diffractionAxis(found) >= 0);
  const { shape } = data.signal;
  const angleAxis = angleAxisOf(data);
  const twoTheta = angles(data, angleAxis, wavelength_A);
  const azimuth = azimuthAxis(data);
  const others = scanAxes(data, angleAxis);
  if (others.length > 2)
    throw data.signal.fault(`has ${shape.length} axes; a line scan has position and two_theta`);
  const warnings = new Set<string>();
  return {
    patterns: patternsOf(),
    positions_um: positioned ? placesOf(data, others) : null,
    rows: rowsOf(data, others),
    wavelength_A: statedWavelength_A(root, data.group.path),
    warnings,
  };

  function* patternsOf(): Generator<Pattern> {
    const starts = frameStarts(shape, others);
    const take = patternTaker(data, angleAxis, azimuth, starts, warnings);
    for (const [index, start] of starts.entries()) {
      const { intensity, sigma } = take(start);
      const label = String(index).padStart(4, '0');
      const read = cleanPattern(label, twoTheta, intensity, sigma, `${root.file} ${data.group.path}`);
      for (const warning of read.warnings) warnings.add(warning);
      yield read.pattern;
    }
  }
}

/** Takes one pattern, whose first value stands at `start`, out of the signal. */
function patternTaker(
  data: NexusData,
  angleAxis: number,
  azimuth: number,
  starts: number[],
  warnings: Set<string>,
): (start: number) => Taken {
  const { shape } = data.signal;
  const values = runsOf(data.signal, angleAxis, azimuth === 0 && shape.length > 2);
  if (azimuth < 0) {
    const errors = errorsOf(data);
    const sigmas = errors && runsOf(errors, angleAxis, false);
    return (start) => ({ intensity: values(start), sigma: sigmas?.(start) ?? null });
  }
  warnings.add(`${shape[azimuth]} azimuthal sectors are averaged; their scatter gives the uncertainties`);
  const step = strideOf(shape, azimuth);
  const sectorsOf = (start: number): Float64Array[] =>
    Array.from({ length: shape[azimuth]! }, (_, k) => values(start + k * step));
  const empty = emptyBins(starts.map((start) => () => sectorsOf(start)));
  return (start) => meanOfSectors(sectorsOf(start), empty);
}

/** Numbers of a slab, unless what is packed together in the file holds more. */
const SLAB = 1 << 17;

/**
 * Gives the numbers along an axis from the one at `start` on. Where they lie side by side they are read slab by slab
 * along the first axis, so that a large scan is never in memory; otherwise, or if asked for, as a whole.
 */
function runsOf(dataset: H5DatasetReader, axis: number, whole: boolean): (start: number) => Float64Array {
  const { shape, size } = dataset;
  if (size > MAX_READ) throw dataset.fault(`has ${size} numbers, more than a line scan may have`);
  const [length, stride] = [shape[axis]!, strideOf(shape, axis)];
  const place = size / shape[0]!;
  const together = dataset.chunks?.[0] ?? 1;
  const places =
    whole || stride > 1 || axis === 0 ? shape[0]! : together * Math.ceil(SLAB / place / together);
  let from = 0;
  let slab: Float64Array = new Float64Array();
  return (start) => {
    if (start < from || start >= from + slab.length) {
      const first = Math.floor(start / place / places) * places;
      const ranges = shape.map((side): [number, number] => [0, side]);
      ranges[0] = [first, Math.min(shape[0]!, first + places)];
      slab = dataset.slab(ranges);
      from = first * place;
    }
    return Float64Array.from({ length }, (_, i) => slab[start - from + i * stride]!);
  };
}

function angleAxisOf(data: NexusData): number {
  const { shape } = data.signal;
  if (shape.length === 0) throw data.signal.fault('is a single number, not a scan');
  const named = diffractionAxis(data);
  if (named >= 0 && named < shape.length) return named;
  const byUnit = data.axes.findIndex(
    (axis) => axis?.units != null && unitFactor(axis.units, 'angle') !== null,
  );
  if (byUnit >= 0 && byUnit < shape.length) return byUnit;
  throw data.group.fault('has no axis two_theta', "list it in the attribute 'axes': [position, two_theta]");
}

function angles(data: NexusData, axis: number, wavelength_A: number | null): Float64Array {
  const dataset = data.axes[axis];
  if (!dataset) throw data.group.fault(`has no dataset for its axis '${data.axisNames[axis]}'`);
  const count = data.signal.shape[axis];
  if (dataset.size !== count) {
    throw dataset.fault(`has ${dataset.size} values where the signal has ${count}`);
  }
  const perAngstrom = inverseAngstrom(dataset.units ?? '');
  if (perAngstrom !== null) {
    if (wavelength_A === null) throw dataset.fault('is q, which needs the wavelength to become 2theta');
    return dataset
      .numbers()
      .map((q) => (360 / Math.PI) * Math.asin((q * perAngstrom * wavelength_A) / (4 * Math.PI)));
  }
  return dataset.units === null ? dataset.numbers() : axisIn(dataset, 'angle');
}

/** Factor to inverse angstrom of a unit such as nm^-1, 1/A, q_nm^-1; null for other units. */
function inverseAngstrom(unit: string): number | null {
  const match = /^(?:q_)?(?:1\/(nm|A|Å|angstrom)|(nm|A|Å|angstrom)\^?-1)$/iu.exec(unit.trim());
  if (!match) return null;
  return (match[1] ?? match[2])!.toLowerCase() === 'nm' ? 0.1 : 1;
}

function errorsOf({ group, signal }: NexusData): H5DatasetReader | null {
  const name = signal.path.split('/').at(-1)!;
  const found = [signal.attributeText('uncertainties'), `${name}_errors`, `${name}_error`, 'errors', 'sigma']
    .map((candidate) => (candidate === null ? null : group.dataset(candidate)))
    .find(Boolean);
  return found && found.shape.join() === signal.shape.join() ? found : null;
}

const strideOf = (shape: number[], axis: number): number =>
  shape.slice(axis + 1).reduce((product, side) => product * side, 1);

function frameStarts(shape: number[], others: number[]): number[] {
  let starts = [0];
  for (const axis of others) {
    const stride = strideOf(shape, axis);
    starts = starts.flatMap((start) => Array.from({ length: shape[axis]! }, (_, i) => start + i * stride));
  }
  return starts;
}
