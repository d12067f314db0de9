import { type MapEntry, type MapFault, mapFaults } from '../../experiment.js';
import { fileInside, filesMatching } from '../common/file-pattern.js';
import { stemOf } from '../common/input.js';
import { suggestion } from '../common/nearest.js';
import { seriesName } from '../maps/edf-map.js';
import { positiveLength } from './experiment-diffraction.js';
import { edgeOf, nameOf, needElement } from './experiment-names.js';
import type { Section } from './yaml-section.js';

const ROLES = ['xrf', 'energy-stack'] as const;

export function readMapEntry(entry: Section, folder: string): MapEntry {
  const role = entry.choice('role', ROLES);
  if (role === null) throw entry.fault(null, "'role' is missing", 'write role: xrf, or role: energy-stack');
  const source = sourceOf(entry, folder);
  const edge = edgeOf(entry);
  if (role === 'energy-stack' && edge === null)
    throw entry.fault(null, "'edge' is missing", 'write edge: Y K');
  const incidentEnergy_eV = entry.quantity('energy', 'energy');
  if (incidentEnergy_eV !== null && (incidentEnergy_eV < 10 || incidentEnergy_eV > 500_000)) {
    throw entry.fault(
      'energy',
      `${incidentEnergy_eV} eV is not an X-ray energy`,
      'check the unit: eV or keV',
    );
  }
  const i0 = entry.text('i0');
  if (i0 !== null && ('files' in source || 'rows' in source || role === 'energy-stack'))
    throw entry.fault('i0', "goes with role: xrf and 'file': it names a monitor in that file");
  const clean = cleanOf(entry);
  if (clean.length > 0 && role !== 'xrf') throw entry.fault('clean', 'goes with role: xrf');
  const elements = entry.texts('elements')?.map((symbol) => needElement(entry, 'elements', symbol)) ?? null;
  const read: MapEntry = {
    name: nameOf(entry, 'name', nameOfSource(source) ?? role),
    role,
    source,
    ...(i0 === null ? {} : { i0 }),
    ...(clean.length === 0 ? {} : { clean }),
    incidentEnergy_eV,
    pixel_um: pixelOf(entry),
    elements: elements ?? ('files' in source ? Object.keys(source.files) : null),
    element: edge?.element ?? null,
    edge: edge?.edge ?? null,
    references: entry.texts('references') ?? [],
    line: entry.line,
  };
  if (role === 'xrf' && read.references.length > 0)
    throw entry.fault('references', 'belong to role: energy-stack');
  entry.done();
  return read;
}

/** `clean: stripes` or `clean: [outliers, stripes]`. */
function cleanOf(entry: Section): MapFault[] {
  return (entry.texts('clean') ?? []).map((word) => {
    const known = mapFaults.find((fault) => fault === word);
    if (known === undefined)
      throw entry.fault('clean', `'${word}' is not a fault that can be cleaned`, suggestion(word, mapFaults));
    return known;
  });
}

const nameOfSource = (source: MapEntry['source']): string | null =>
  'file' in source ? stemOf(source.file) : 'rows' in source ? seriesName(source.rows) : null;

function sourceOf(entry: Section, folder: string): MapEntry['source'] {
  const files = entry.section('files');
  const single = entry.text('file');
  const data = entry.text('data');
  if (files !== null && single !== null) throw entry.fault('file', "'file' and 'files' exclude each other");
  if (single !== null && /[*?]/u.test(single)) {
    if (data !== null) throw entry.fault('data', 'goes with one file, not with a series of rows');
    return { rows: filesMatching(folder, single, entry.place('file')) };
  }
  if (single !== null) return { file: fileInside(folder, single, entry.place('file')), data };
  if (files === null) {
    throw entry.fault(null, "'file' is missing", 'write file: xrf.h5, or files: { Y: y.csv, In: in.csv }');
  }
  if (data !== null) throw entry.fault('data', "goes with 'file', not with 'files'");
  const read: Record<string, string> = {};
  for (const key of files.keys()) {
    const path = files.needText(key, 'write files: { Y: y.csv }');
    read[needElement(files, key, key)] = fileInside(folder, path, files.place(key));
  }
  files.done();
  if (Object.keys(read).length === 0) throw entry.fault('files', 'is empty');
  return { files: read };
}

function pixelOf(entry: Section): MapEntry['pixel_um'] {
  if (!entry.has('pixel')) return null;
  if (!entry.isSection('pixel')) {
    const side = positiveLength(entry, 'pixel')!;
    return { x: side, y: side };
  }
  const section = entry.section('pixel')!;
  const x = positiveLength(section, 'x');
  const y = positiveLength(section, 'y');
  section.done();
  if (x === null || y === null)
    throw section.fault(null, 'needs x and y', 'write pixel: { x: 5 um, y: 2 um }');
  return { x, y };
}
