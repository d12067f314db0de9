/** Where the patterns of an NXdata were taken: its axes other than the angle, and what their datasets say. */
import type { H5DatasetReader } from '../common/hdf5.js';
import { azimuthAxis, type NexusData } from '../common/nexus-data.js';
import { axisIn } from '../common/units.js';

const POSITION_NAME = /^x|pos|dist|sam|motor|stage/iu;
const ROW_NAME = /^y|row|line/iu;

/** The axes along which patterns follow each other. */
export const scanAxes = (data: NexusData, angleAxis: number): number[] => {
  const azimuth = azimuthAxis(data);
  return data.signal.shape.map((_, axis) => axis).filter((axis) => axis !== angleAxis && axis !== azimuth);
};

/** The axis of positions among those of the scan: by its name, or the last one. */
const alongOf = ({ axisNames }: NexusData, others: number[]): number =>
  others.find((axis) => POSITION_NAME.test(axisNames[axis] ?? '')) ?? others.at(-1)!;

/** Place of each frame along one axis of the scan; frames run through the axes in the order of the file. */
function indices({ signal: { shape } }: NexusData, others: number[], axis: number): Int32Array {
  const count = others.reduce((product, other) => product * shape[other]!, 1);
  const inner = others.length === 2 ? shape[others[1]!]! : 1;
  const outer = others.length === 1 || axis === others[0];
  return Int32Array.from({ length: count }, (_, i) => (outer ? Math.floor(i / inner) : i % inner));
}

/** Row of each frame, of a scan over two axes; else zeros. */
export function rowsOf(data: NexusData, others: number[]): Int32Array {
  const across = others.find((axis) => axis !== alongOf(data, others));
  if (across !== undefined) return indices(data, others, across);
  return new Int32Array(others.length === 0 ? 1 : data.signal.shape[others[0]!]!);
}

/**
 * Position of each frame (um); null where the file holds none. An axis without unit that counts 0, 1, 2 … or stays at one
 * value is none: so pyFAI writes what it was told no motor for.
 * @throws InputError for an axis whose unit is missing or not one of length.
 */
export function placesOf(data: NexusData, others: number[]): Float64Array | null {
  if (others.length === 0) return null;
  const along = alongOf(data, others);
  const length = data.signal.shape[along]!;
  const axis = data.axes[along] ?? positionDataset(data, length);
  if (!axis) return null;
  const values = axis.numbers();
  if (length > 1 && values.every((value) => value === values[0])) return null;
  if (axis.units === null && values.every((value, i) => value === i)) return null;
  const position = axisIn(axis, 'length');
  if (position.length !== length)
    throw axis.fault(`has ${position.length} values where the signal has ${length}`);
  return Float64Array.from(indices(data, others, along), (i) => position[i]!);
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
