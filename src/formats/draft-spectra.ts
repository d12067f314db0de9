import { relative, sep } from 'node:path';
import { parseEdge } from '../reference/edges.js';
import { stemOf } from './common/input.js';
import { type LikelyRole, likelyRole } from './draft-roles.js';
import { quoted } from './draft-yaml.js';
import type { Inspection } from './inspect/inspection.js';
import { brief } from './inspect/inspection.js';

/** Scans of one spectrum that lie in files of their own, or one file with whatever it holds. */
export interface ScanGroup {
  files: string[];
  /** Of the first file. */
  found: Inspection;
  /** A pattern that means just these files; null for one file, and where other files would match, too. */
  pattern: string | null;
}

interface Likely {
  element: string;
  edge: string;
  rise_eV: number;
  source: unknown;
}

/** What `inspect` says of a spectrum. */
export interface SpectrumContent {
  title: string;
  columns?: { name: string }[];
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

/**
 * Entries of the experiment file for the spectra of a file, or for repeated scans in several; what is guessed or open is
 * marked.
 */
export function spectrumEntries(group: ScanGroup, folder: string, labels: Set<string>): string[] {
  const { files, pattern, found } = group;
  const path = (file: string): string => relative(folder, file).split(sep).join('/');
  const file = path(files[0]!);
  if (!holdsSpectra(found)) return [];
  if (found.kind === 'table') return [bareEntry(file, found.content.likely as Likely, labels)];
  const all = (found.content.spectra as SpectrumContent[] | undefined) ?? [];
  if (files.length > 1) {
    const source = `files: ${pattern ? quoted(path(pattern)) : `[${files.map((one) => quoted(path(one))).join(', ')}]`}`;
    const merged = `CHECK: are these ${files.length} files repeated scans of one spot? They are merged; if they are not, give each an entry`;
    const name = { title: scanName(all[0]!.title), file: `${scanName(stemOf(file))}.x` };
    return [
      entry(
        source,
        { ...all[0]!, title: name.title },
        { path: file, stem: name.file, labels, notes: [merged] },
      ),
    ];
  }
  const several = all.length > 1;
  const entries = all.slice(0, MOST).map((spectrum, k) => {
    const source = `file: ${quoted(file)}${several ? `, group: ${quoted(spectrum.title)}` : ''}`;
    const notes = k === 0 ? repeatedGroups(all) : [];
    return entry(source, spectrum, { path: file, stem: file, labels, notes });
  });
  return all.length > MOST ? [...entries, `  # and ${all.length - MOST} more in ${file}`] : entries;
}

/** 'P5' of 'P5_003' and of 'P5 scan 3'. */
export const scanName = (text: string): string => text.replace(/[-_.\s]+(?:scan[-_.\s]*)?\d+$/iu, '') || text;

/** Scans that a file only counts may be one spectrum, measured again. */
function repeatedGroups(all: SpectrumContent[]): string[] {
  const alike =
    all.length > 1 &&
    all.every(({ title }) => /^\d+(?:\.\d+)?$/u.test(title)) &&
    new Set(all.map(likelyEdge)).size === 1;
  return alike
    ? [
        `CHECK: repeated scans of one spot are one entry, group: [${all
          .slice(0, 3)
          .map(({ title }) => title)
          .join(', ')}${all.length > 3 ? ', …' : ''}]`,
      ]
    : [];
}

interface Naming {
  path: string;
  stem: string;
  labels: Set<string>;
  notes: string[];
}

function entry(source: string, spectrum: SpectrumContent, { path, stem, labels, notes }: Naming): string {
  const { title, range, mu, likely } = spectrum;
  const stated = edgeText(spectrum);
  const edge = likelyEdge(spectrum);
  const only = stated === '' && mu.stated === null && likely?.source === 'reference';
  const { role, why } = likelyRole(title, path, edge.split(' ')[0] || null, mu.stated === 'reference');
  const ways = mu.possible.filter((one) => one === 'transmission' || one === 'fluorescence');
  const label = uniqueLabel(title, stem, edge, labels);
  return line(`${source}, edge: ${edge}${only ? ', mu: reference' : ''}`, role, label, [
    ...(stated !== '' ? [] : [edgeNote(edge, likely, range)]),
    ...(why === null ? [] : [why]),
    ...(only ? ['CHECK: only the reference has an edge'] : []),
    ...(!only && mu.stated === null && ways.length > 1 ? [`mu: may be ${ways.join(' or ')}`] : []),
    ...notes,
  ]);
}

function bareEntry(file: string, likely: Likely, labels: Set<string>): string {
  const edge = edgeText(likely);
  const label = uniqueLabel('', file, edge, labels);
  const { role, why } = likelyRole('', file, likely.element, false);
  return line(`file: ${quoted(file)}, edge: ${edge}, columns: { energy: 1, mu: 2 }`, role, label, [
    edgeNote(edge, likely, null),
    ...(why === null ? [] : [why]),
    'CHECK: its columns have no names',
  ]);
}

const line = (start: string, role: LikelyRole['role'], label: string, notes: string[]): string =>
  `  - { ${start}, role: ${role}, label: ${quoted(label)} }${notes.length > 0 ? `   # ${notes.join('; ')}` : ''}`;

/** What only the user knows about the spectra of each edge: a line for an edge without a calibrant. */
export function edgesToAsk(entries: readonly string[]): string[] {
  const edgeIn = (text: string): string => /, edge: (\w+ \w+)/u.exec(text)?.[1] ?? '';
  const edges = [...new Set(entries.map(edgeIn))].filter(Boolean);
  const open = edges.filter(
    (edge) => !entries.some((text) => edgeIn(text) === edge && text.includes('role: calibrant')),
  );
  return open.map(
    (edge) =>
      `  # CHOOSE a calibrant of the ${edge} edge, if there is one: role: calibrant, e0: the energy of its feature in eV`,
  );
}

function edgeNote(edge: string, likely: Likely | null, range: SpectrumContent['range']): string {
  if (edge !== '' && likely !== null) return `CHECK the edge: it rises at ${likely.rise_eV.toFixed(0)} eV`;
  const span =
    range === null ? '' : `; it runs from ${brief(range.from)} to ${brief(range.to)} ${range.unit}`;
  return `CHOOSE the edge${span}`;
}

/** The edge that a spectrum states, else the one that its signal shows; empty where neither tells. */
export const likelyEdge = (spectrum: SpectrumContent): string =>
  edgeText(spectrum) || edgeText(spectrum.likely);

/** 'Y K' of a real edge, else nothing. */
function edgeText(of: { element: string | null; edge: string | null } | null): string {
  const parsed = !of?.element || !of.edge ? null : parseEdge(`${of.element} ${of.edge}`);
  return parsed === null ? '' : `${parsed.element} ${parsed.edge}`;
}

/** The title, or the file's name where the title says nothing or another spectrum of that edge has it already. */
function uniqueLabel(title: string, file: string, edge: string, labels: Set<string>): string {
  const plain = title.replace(/[\\/]/gu, '-').slice(0, 60).trim();
  const stem = stemOf(file);
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
