import type { Pattern } from '../measurement.js';
import { type H5DatasetReader, withHdf5 } from './hdf5.js';
import { axisNamed, findNexusData, type NexusData } from './nexus-data.js';
import { cleanPattern } from './pattern-clean.js';
import { axisIn, unitFactor } from './units.js';

export interface NexusLineScan {
  patterns: Pattern[];
  positions_um: Float64Array | null;
  /** Row of each pattern, of a scan over two axes. */
  rows: Int32Array;
  warnings: string[];
}

const ANGLE_NAME = /two.?theta|2.?theta|2th|tth|^q$|angle/iu;
const POSITION_NAME = /^x|pos|dist|sam|motor|stage/iu;
const ROW_NAME = /^y|row|line/iu;

/**
 * Patterns of an NXdata whose axes are position and two_theta in either order, or row, position and two_theta.
 * @throws InputError where axes are missing or do not fit.
 */
export function readNexusLineScan(file: string, path: string | null): Promise<NexusLineScan> {
  return withHdf5(file, (root) => {
    const data = findNexusData(root, path);
    const { shape } = data.signal;
    const angleAxis = angleAxisOf(data);
    const twoTheta = angles(data, angleAxis);
    const others = shape.map((_, axis) => axis).filter((axis) => axis !== angleAxis);
    if (others.length > 2)
      throw data.signal.fault(`has ${shape.length} axes; a line scan has position and two_theta`);
    const errors = errorsOf(data);
    const warnings = new Set<string>();
    const frames = frameStarts(shape, others);
    const values = data.signal.numbers();
    const sigmas = errors?.numbers() ?? null;
    const stride = strideOf(shape, angleAxis);
    const patterns = frames.map((start, index) => {
      const take = (source: Float64Array): Float64Array =>
        Float64Array.from(twoTheta, (_, i) => source[start + i * stride]!);
      const label = String(index).padStart(4, '0');
      const read = cleanPattern(
        label,
        twoTheta,
        take(values),
        sigmas === null ? null : take(sigmas),
        `${file} ${data.group.path}`,
      );
      for (const warning of read.warnings) warnings.add(warning);
      return read.pattern;
    });
    return { patterns, ...placesOf(data, others), warnings: [...warnings] };
  });
}

function angleAxisOf(data: NexusData): number {
  const { shape } = data.signal;
  if (shape.length === 0) throw data.signal.fault('is a single number, not a scan');
  const named = axisNamed(data, ANGLE_NAME);
  if (named >= 0 && named < shape.length) return named;
  const byUnit = data.axes.findIndex(
    (axis) => axis?.units != null && unitFactor(axis.units, 'angle') !== null,
  );
  if (byUnit >= 0 && byUnit < shape.length) return byUnit;
  throw data.group.fault('has no axis two_theta', "list it in the attribute 'axes': [position, two_theta]");
}

function angles(data: NexusData, axis: number): Float64Array {
  const dataset = data.axes[axis];
  if (!dataset) throw data.group.fault(`has no dataset for its axis '${data.axisNames[axis]}'`);
  const twoTheta = dataset.units === null ? dataset.numbers() : axisIn(dataset, 'angle');
  if (twoTheta.length !== data.signal.shape[axis]) {
    throw dataset.fault(`has ${twoTheta.length} values where the signal has ${data.signal.shape[axis]}`);
  }
  return twoTheta;
}

function errorsOf({ group, signal }: NexusData): H5DatasetReader | null {
  const name = signal.path.split('/').at(-1)!;
  const found = [`${name}_errors`, `${name}_error`, 'errors', 'sigma']
    .map((candidate) => group.dataset(candidate))
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

function placesOf(data: NexusData, others: number[]): Pick<NexusLineScan, 'positions_um' | 'rows'> {
  const { shape } = data.signal;
  const count = others.reduce((product, axis) => product * shape[axis]!, 1);
  const along = others.at(-1);
  if (along === undefined) return { positions_um: null, rows: new Int32Array(1) };
  const length = shape[along]!;
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor(i / length));
  const axis = data.axes[along] ?? positionDataset(data, length);
  if (!axis) return { positions_um: null, rows };
  const position = axisIn(axis, 'length');
  if (position.length !== length)
    throw axis.fault(`has ${position.length} values where the signal has ${length}`);
  return { positions_um: Float64Array.from({ length: count }, (_, i) => position[i % length]!), rows };
}

function positionDataset({ group }: NexusData, length: number): H5DatasetReader | null {
  const name = group
    .names()
    .find(
      (candidate) =>
        POSITION_NAME.test(candidate) &&
        !ROW_NAME.test(candidate) &&
        group.dataset(candidate)?.size === length,
    );
  return name === undefined ? null : group.dataset(name);
}
