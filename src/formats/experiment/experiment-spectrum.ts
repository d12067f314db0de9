import type { CalibrationFeature, SpectrumEntry } from '../../experiment.js';
import type { MuSource } from '../../measurement.js';
import { edgeEnergy_eV } from '../../reference/edges.js';
import { fileInside } from '../common/file-pattern.js';
import { stemOf } from '../common/input.js';
import { edgeOf, nameOf } from './experiment-names.js';
import type { Section } from './yaml-section.js';

const ROLES = ['calibrant', 'reference', 'sample'] as const;
const FEATURES: readonly CalibrationFeature[] = [
  'main-inflection',
  'pre-edge-inflection',
  'half-step',
  'white-line',
  'second-derivative-zero',
];
const COLUMNS = ['energy', 'i0', 'it', 'ir', 'if', 'mu'] as const;

export function readSpectrumEntry(entry: Section, folder: string): SpectrumEntry {
  const file = fileInside(folder, entry.needText('file', 'write file: xas/foil.xdi'), entry.place('file'));
  const edge = edgeOf(entry);
  if (edge === null) throw entry.fault(null, "'edge' is missing", 'write edge: Y K (element and edge)');
  const group = entry.text('group') ?? entry.text('data');
  const e0_eV = entry.quantity('e0', 'energy');
  const tabulated = edgeEnergy_eV(edge.element, edge.edge);
  if (e0_eV !== null && Math.abs(e0_eV - tabulated) > Math.max(100, 0.02 * tabulated)) {
    throw entry.fault(
      'e0',
      `${e0_eV} eV is far from the ${edge.element} ${edge.edge} edge at ${tabulated} eV`,
      'check the number, its unit (eV or keV) and the edge',
    );
  }
  const read: SpectrumEntry = {
    file,
    group,
    label: nameOf(entry, 'label', group ?? stemOf(file)),
    ...edge,
    role: entry.choice('role', ROLES) ?? 'sample',
    e0_eV,
    feature: entry.choice('feature', FEATURES),
    at: pointOf(entry),
    columns: columnsOf(entry),
    mu: muOf(entry),
    line: entry.line,
  };
  entry.done();
  return read;
}

function pointOf(entry: Section): SpectrumEntry['at'] {
  const section = entry.section('at');
  if (section === null) return null;
  const x_um = section.quantity('x', 'length');
  const y_um = section.quantity('y', 'length');
  section.done();
  if (x_um === null || y_um === null)
    throw section.fault(null, 'needs x and y', 'write at: { x: 120 um, y: 40 um }');
  return { x_um, y_um };
}

function columnsOf(entry: Section): SpectrumEntry['columns'] {
  const section = entry.section('columns');
  if (section === null) return null;
  const columns: NonNullable<SpectrumEntry['columns']> = {};
  for (const role of COLUMNS) {
    const column = section.positiveInteger(role);
    if (column !== null) columns[role] = column;
  }
  section.done();
  return columns;
}

function muOf(entry: Section): MuSource | null {
  const text = entry.text('mu');
  if (text === null) return null;
  return text === 'fluorescence' || text === 'transmission' || text === 'reference' ? text : { column: text };
}
