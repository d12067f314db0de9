import type { H5DatasetReader } from './hdf5.js';

const LENGTH: Record<string, number> = {
  m: 1e6,
  cm: 1e4,
  mm: 1e3,
  um: 1,
  micron: 1,
  microns: 1,
  micrometer: 1,
  nm: 1e-3,
  pm: 1e-6,
  angstrom: 1e-4,
};
const ENERGY: Record<string, number> = { ev: 1, kev: 1e3, mev: 1e6, j: 1 / 1.602176634e-19 };
const ANGLE: Record<string, number> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  '°': 1,
  rad: 180 / Math.PI,
  radian: 180 / Math.PI,
  radians: 180 / Math.PI,
  mrad: 0.18 / Math.PI,
};

const TABLES = { length: LENGTH, energy: ENERGY, angle: ANGLE };
const TARGET = { length: 'um', energy: 'eV', angle: 'deg' };

const normal = (unit: string): string =>
  unit
    .normalize('NFKC')
    .replaceAll('μ', 'u')
    .replaceAll('µ', 'u')
    .trim()
    .toLowerCase()
    .replace(/^(2th|chi)_/u, '') // as pyFAI names its units
    .replace(/^micrometre/u, 'micrometer')
    .replace(/^(micrometer|nanometer|millimeter)s$/u, '$1');

/** Factor from a unit to um, eV or degrees; null where the unit is not one of that kind. */
export function unitFactor(unit: string, kind: keyof typeof TABLES): number | null {
  return TABLES[kind][normal(unit)] ?? null;
}

/**
 * A one-dimensional axis in um, eV or degrees, by its `units` attribute.
 * @throws InputError where the attribute is missing or of another kind.
 */
export function axisIn(dataset: H5DatasetReader, kind: keyof typeof TABLES): Float64Array {
  const unit = dataset.units;
  if (unit === null) throw dataset.fault(`has no attribute 'units'`, `add one, for example ${TARGET[kind]}`);
  const factor = unitFactor(unit, kind);
  if (factor === null) throw dataset.fault(`has the unit '${unit}', which is not one of ${kind}`);
  return dataset.numbers().map((value) => value * factor);
}
