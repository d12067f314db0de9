/** The wavelength that a NeXus file states beside its data. */
import { H5DatasetReader, type H5GroupReader } from '../common/hdf5.js';
import { unitFactor } from '../common/units.js';

/** A note longer than this is not looked through. */
const MAX_NOTE = 1_000_000;
const PER_UM = 1e4;

/**
 * From the groups around the data, the nearest first: pyFAI's `configuration/data` (JSON, metres), or anywhere in the entry
 * a dataset of one wavelength in a unit of length, as NXmonochromator and NXbeam have it. Null where none is stated.
 */
export function statedWavelength_A(root: H5GroupReader, path: string): number | null {
  const parts = path.split('/').filter(Boolean);
  for (let depth = parts.length; depth >= 0; depth--) {
    const group = depth === 0 ? root : root.groupAt(`/${parts.slice(0, depth).join('/')}`);
    if (group === null) continue;
    const found = ofConfiguration(group) ?? (depth === 1 ? ofDatasets(group) : null);
    if (found !== null && found > 0.01 && found < 100) return found;
  }
  return null;
}

function ofConfiguration(group: H5GroupReader): number | null {
  const note = group.groupAt('configuration')?.dataset('data')?.text() ?? '';
  const match = note.length > MAX_NOTE ? null : /"wavelength"\s*:\s*([\d.]+(?:e[+-]?\d+)?)/iu.exec(note);
  return match ? Number(match[1]) * 1e10 : null;
}

function ofDatasets(group: H5GroupReader): number | null {
  for (const item of group.walk()) {
    if (!(item instanceof H5DatasetReader) || item.size !== 1) continue;
    if (!/\/(?:incident_)?wavelength$/u.test(item.path)) continue;
    const factor = item.units === null ? null : unitFactor(item.units, 'length');
    if (factor !== null) return item.numbers()[0]! * factor * PER_UM;
  }
  return null;
}
