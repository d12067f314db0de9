import type { CalibrationFeature, SpectrumEntry } from '../../experiment.js';
import type { MuSource } from '../../measurement.js';
import { edgeEnergy_eV } from '../../reference/edges.js';
import { fileInside, filesMatching } from '../common/file-pattern.js';
import { plainName, stemOf } from '../common/input.js';
import { parseQuantity } from '../common/quantity.js';
import { columnList } from '../spectra/assigned-roles.js';
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
const COLUMNS = ['energy', 'i0', 'it', 'ir', 'mu'] as const;

export function readSpectrumEntry(entry: Section, folder: string): SpectrumEntry {
  const scans = scansOf(entry, folder);
  const { file, group } = scans[0]!;
  const edge = edgeOf(entry);
  if (edge === null) throw entry.fault(null, "'edge' is missing", 'write edge: Y K (element and edge)');
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
    scans,
    clean: cleanOf(entry),
    label: nameOf(entry, 'label', scans.length > 1 ? seriesName(file, group) : (group ?? stemOf(file))),
    ...edge,
    role: entry.choice('role', ROLES) ?? 'sample',
    e0_eV,
    feature: entry.choice('feature', FEATURES),
    at: pointOf(entry),
    columns: columnsOf(entry),
    mu: muOf(entry),
    ...detectorOf(entry),
    line: entry.line,
  };
  entry.done();
  return read;
}

/** More scans of one spectrum than any beamtime repeats: a pattern that caught too much. */
const MOST_SCANS = 500;

/** One file with one group; or repeated scans: several files, several groups of one file, or both. */
function scansOf(entry: Section, folder: string): SpectrumEntry['scans'] {
  const single = entry.text('file');
  const patterns = entry.texts('files');
  const groups = entry.texts('group') ?? entry.texts('data') ?? [null];
  if (single !== null && patterns !== null)
    throw entry.fault('files', "'file' and 'files' exclude each other", 'files is for repeated scans');
  if (single === null && patterns === null)
    throw entry.fault(
      null,
      "'file' is missing",
      'write file: xas/foil.xdi, or files: xas/P5_*.xdi for repeated scans',
    );
  const files = patterns?.flatMap((pattern) => filesMatching(folder, pattern, entry.place('files'))) ?? [
    fileInside(folder, single!, entry.place('file')),
  ];
  const key = patterns ? 'files' : 'file';
  if (files.length === 0) throw entry.fault(key, 'the list is empty');
  if (groups.length === 0) throw entry.fault('group', 'the list is empty');
  if (files.length * groups.length > MOST_SCANS)
    throw entry.fault(
      key,
      `${files.length * groups.length} scans of one spectrum are too many`,
      'give each spectrum an entry of its own',
    );
  const scans = files.flatMap((file) => groups.map((group) => ({ file, group })));
  const names = scans.map(({ file, group }) => `${file}\0${group}`);
  const twice = names.findIndex((name, k) => names.indexOf(name) !== k);
  if (twice >= 0)
    throw entry.fault(key, `'${plainName(files[Math.floor(twice / groups.length)]!)}' is listed twice`);
  return scans;
}

/** What the names of repeated scans have in common: P5 of P5_001.xdi. */
const seriesName = (file: string, group: string | null): string => {
  const name = group ?? stemOf(file);
  return name.replace(/[-_.\s]*\d+$/u, '') || name;
};

function cleanOf(entry: Section): SpectrumEntry['clean'] {
  const from_eV = entry.quantity('from', 'energy');
  const to_eV = entry.quantity('to', 'energy');
  if (from_eV !== null && to_eV !== null && from_eV >= to_eV)
    throw entry.fault('to', `${to_eV} eV does not lie above from, ${from_eV} eV`);
  const drop_eV = (entry.texts('drop') ?? []).map((text) => {
    const parsed = parseQuantity(text, 'energy');
    if ('fault' in parsed) throw entry.fault('drop', parsed.fault, parsed.cure);
    return parsed.value;
  });
  return { from_eV, to_eV, drop_eV };
}

function detectorOf(entry: Section): Pick<SpectrumEntry, 'detector'> {
  const deadTime_s = entry.quantity('dead_time', 'time');
  const dwell_s = entry.quantity('dwell', 'time');
  for (const [key, value] of [
    ['dead_time', deadTime_s],
    ['dwell', dwell_s],
  ] as const)
    if (value !== null && !(value > 0)) throw entry.fault(key, 'is not a positive time');
  if (deadTime_s === null && dwell_s !== null)
    throw entry.fault('dwell', 'says nothing without a dead time', 'add dead_time: 0.3 us, or leave it out');
  return deadTime_s === null ? {} : { detector: { deadTime_s, dwell_s } };
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
  const channels = section.texts('if')?.map((text) => columnList(text));
  if (channels?.some((list) => list === null))
    throw section.fault('if', 'is no list of column numbers', 'write if: 5, if: [5, 6, 7] or if: 5-12');
  if (channels) columns.if = channels.flatMap((list) => list ?? []);
  section.done();
  return columns;
}

function muOf(entry: Section): MuSource | null {
  const text = entry.text('mu');
  if (text === null) return null;
  return text === 'fluorescence' || text === 'transmission' || text === 'reference' ? text : { column: text };
}
