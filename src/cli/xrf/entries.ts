/** Loose map files as the entries of an experiment file would state them. */
import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import { parseQuantity, type QuantityKind } from '../../formats/common/quantity.js';
import { seriesName } from '../../formats/maps/edf-map.js';
import type { SegmentFlags } from './flags.js';

/** A length or an energy from an option. @throws InputError naming the option. */
export function quantity(text: string | undefined, kind: QuantityKind, option: string): number | null {
  if (text === undefined) return null;
  const parsed = parseQuantity(text, kind);
  if ('fault' in parsed) throw new InputError(`${option}: ${parsed.fault}`, null, parsed.cure);
  return parsed.value;
}

function entryFor(source: MapEntry['source'], name: string, flags: SegmentFlags): MapEntry {
  const pixel = quantity(flags.pixel, 'length', '--pixel');
  return {
    name,
    role: 'xrf',
    source,
    ...(flags.i0 === undefined ? {} : { i0: flags.i0 }),
    incidentEnergy_eV: quantity(flags.energy, 'energy', '--energy'),
    pixel_um: pixel === null ? null : { x: pixel, y: pixel },
    elements: flags.elements ?? null,
    element: null,
    edge: null,
    references: [],
    line: 0,
  };
}

/** One image a file when as many files as elements are named; several EDF files are the rows of one map; else every file on its own. */
export function entriesFor(files: string[], flags: SegmentFlags): MapEntry[] {
  const { elements } = flags;
  if (elements && files.length > 1 && files.length === elements.length) {
    return [entryFor({ files: Object.fromEntries(elements.map((e, i) => [e, files[i]])) }, 'map', flags)];
  }
  if (files.length > 1 && files.every((file) => /\.edf(?:\.gz)?$/iu.test(file)))
    return [entryFor({ rows: files }, seriesName(files), flags)];
  return files.map((file) =>
    entryFor({ file, data: flags.data ?? null }, basename(file).replace(/\.\w+$/, ''), flags),
  );
}
