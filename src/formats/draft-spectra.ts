import { parseEdge } from '../reference/edges.js';
import { stemOf } from './common/input.js';
import { quoted } from './draft-yaml.js';
import type { Inspection } from './inspect/inspection.js';
import { brief } from './inspect/inspection.js';

interface Likely {
  element: string;
  edge: string;
  rise_eV: number;
  source: unknown;
}

interface SpectrumContent {
  title: string;
  element: string | null;
  edge: string | null;
  range: { from: number; to: number; unit: string } | null;
  mu: { stated: unknown; possible: unknown[] };
  likely: Likely | null;
}

const MOST = 300;

/** Spectra, and tables of two columns without names that look like one. */
export const holdsSpectra = ({ kind, content }: Inspection): boolean =>
  kind === 'spectra' || (kind === 'table' && content.columns === 2 && Boolean(content.likely));

/** Entries of the experiment file for the spectra of a file; what is guessed or open is marked. */
export function spectrumEntries(file: string, found: Inspection, labels: Set<string>): string[] {
  const { content, kind } = found;
  if (!holdsSpectra(found)) return [];
  if (kind === 'table') return [bareEntry(file, content.likely as Likely, labels)];
  const all = (content.spectra as SpectrumContent[] | undefined) ?? [];
  const entries = all.slice(0, MOST).map((spectrum) => entry(file, spectrum, all.length > 1, labels));
  return all.length > MOST ? [...entries, `  # and ${all.length - MOST} more in ${file}`] : entries;
}

function entry(file: string, spectrum: SpectrumContent, isOne: boolean, labels: Set<string>): string {
  const { title, range, mu, likely } = spectrum;
  const stated = edgeText(spectrum);
  const edge = stated || edgeText(likely);
  const only = stated === '' && mu.stated === null && likely?.source === 'reference';
  const foil = /\bfoil\b/iu.test(title) || mu.stated === 'reference';
  const notes = [
    ...(stated !== '' ? [] : [edgeNote(edge, likely, range)]),
    ...(foil ? ['CHECK: a calibrant?'] : []),
    ...(only ? ['CHECK: only the reference has an edge'] : []),
    ...(!only && mu.stated === null && mu.possible.length > 1
      ? [`mu: may be ${mu.possible.map(muText).join(', ')}`]
      : []),
  ];
  const group = isOne ? `, group: ${quoted(title)}` : '';
  const label = uniqueLabel(title, file, edge, labels);
  const how = only ? ', mu: reference' : '';
  return line(`file: ${file}${group}, edge: ${edge}${how}`, foil, label, notes);
}

function bareEntry(file: string, likely: Likely, labels: Set<string>): string {
  const edge = edgeText(likely);
  const label = uniqueLabel('', file, edge, labels);
  const notes = [edgeNote(edge, likely, null), 'CHECK: its columns have no names'];
  return line(`file: ${file}, edge: ${edge}, columns: { energy: 1, mu: 2 }`, false, label, notes);
}

const line = (start: string, foil: boolean, label: string, notes: string[]): string =>
  `  - { ${start}, role: ${foil ? 'calibrant' : 'sample'}, label: ${quoted(label)} }${notes.length > 0 ? `   # ${notes.join('; ')}` : ''}`;

function edgeNote(edge: string, likely: Likely | null, range: SpectrumContent['range']): string {
  if (edge !== '' && likely !== null) return `CHECK the edge: it rises at ${likely.rise_eV.toFixed(0)} eV`;
  const span =
    range === null ? '' : `; it runs from ${brief(range.from)} to ${brief(range.to)} ${range.unit}`;
  return `CHOOSE the edge${span}`;
}

const muText = (source: unknown): string =>
  typeof source === 'string' ? source : (source as { column: string }).column;

/** 'Y K' of a real edge, else nothing. */
function edgeText(of: { element: string | null; edge: string | null } | null): string {
  const parsed = !of?.element || !of.edge ? null : parseEdge(`${of.element} ${of.edge}`);
  return parsed === null ? '' : `${parsed.element} ${parsed.edge}`;
}

/** The title, or the file's name where the title says nothing or another spectrum of that edge has it already. */
function uniqueLabel(title: string, file: string, edge: string, labels: Set<string>): string {
  const plain = title.replace(/[\\/]/gu, '-').slice(0, 60).trim();
  const stem = stemOf(file.replaceAll('"', ''));
  const options = [
    ...(/^\d*$|^-/u.test(plain) ? [] : [plain]),
    stem,
    ...(plain === '' ? [] : [`${stem} ${plain}`]),
    ...Array.from({ length: 1000 }, (_, i) => `${stem} ${i + 2}`),
  ];
  const label =
    options.find((option) => option !== '' && !labels.has(`${edge}/${option.toLowerCase()}`)) ?? stem;
  labels.add(`${edge}/${label.toLowerCase()}`);
  return label;
}
