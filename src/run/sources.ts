import type { DiffractionEntry, Experiment, MapEntry, SpectrumEntry } from '../experiment.js';
import { distinct } from '../formats/common/distinct.js';
import { spectrumKeys } from '../formats/experiment/experiment.js';
import { hashFile, hashOf } from '../pipeline/hash.js';
import type { SourceItem } from '../pipeline/run-pipeline.js';

/** A file that a run reads, as provenance names it. */
export interface InputFile {
  path: string;
  sha256: string;
}

export interface Sources {
  products: Record<'spectrum-files' | 'diffraction-files' | 'map-files', SourceItem[]>;
  files: InputFile[];
}

const diffractionFiles = ({ source, positions, phases }: DiffractionEntry): string[] => [
  ...('files' in source ? source.files : [source.file]),
  ...(positions && 'file' in positions ? [positions.file] : []),
  ...phases.flatMap((phase) => ('cifFile' in phase ? [phase.cifFile] : [])),
];
const spectrumFiles = ({ scans }: SpectrumEntry): string[] => [...new Set(scans.map(({ file }) => file))];
const nameOf = ({ name }: { name: string }): string => name;
const mapFiles = ({ source }: MapEntry): string[] =>
  'files' in source ? Object.values(source.files) : 'rows' in source ? source.rows : [source.file];

/** Every file that an experiment refers to. */
export const filesOf = (experiment: Experiment): string[] => [
  ...experiment.diffraction.flatMap(diffractionFiles),
  ...experiment.spectra.flatMap(spectrumFiles),
  ...experiment.maps.flatMap(mapFiles),
];

/** Names of the products that come from the experiment file. */
export const sourceProducts = ['spectrum-files', 'diffraction-files', 'map-files'] as const;

/**
 * One source item per entry of the experiment. Its hash covers the bytes of its files and what the entry asks of them,
 * but not where the files lie nor the line of the entry: a moved folder or a new comment changes nothing. The list of files
 * also names the experiment file itself and what else the caller has read.
 */
export async function sourcesOf(experiment: Experiment, also: string[] = []): Promise<Sources> {
  const hashes = new Map<string, Promise<string>>();
  const hashOnce = (path: string): Promise<string> => {
    const known = hashes.get(path) ?? hashFile(path);
    hashes.set(path, known);
    return known;
  };
  const items = async <E extends { line: number }>(
    entries: E[],
    names: string[],
    filesOf: (entry: E) => string[],
  ): Promise<SourceItem[]> => {
    const keys = uniqueKeys(names);
    return Promise.all(
      entries.map(async (entry, index) => {
        const files = filesOf(entry);
        const contents = new Map<string, string>();
        for (const file of files) contents.set(file, await hashOnce(file).catch(() => 'unreadable'));
        return { key: keys[index], value: entry, hash: hashOf(portable(entry, contents)) };
      }),
    );
  };
  const products = {
    'spectrum-files': await items(experiment.spectra, spectrumKeys(experiment.spectra), spectrumFiles),
    'diffraction-files': await items(
      experiment.diffraction,
      experiment.diffraction.map(nameOf),
      diffractionFiles,
    ),
    'map-files': await items(experiment.maps, experiment.maps.map(nameOf), mapFiles),
  };
  for (const path of [experiment.path, ...also]) void hashOnce(path);
  const files = await Promise.all(
    [...hashes].map(async ([path, hash]) => ({ path, sha256: await hash.catch(() => 'unreadable') })),
  );
  return { products, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** The entry with each path replaced by its file's hash and without its line. */
function portable(value: unknown, contents: Map<string, string>): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (key === 'line') return undefined;
    return typeof inner === 'string' ? (contents.get(inner) ?? inner) : inner;
  }) as unknown;
}

/** Item keys: '/' separates levels of the hierarchy, so it may not stand in a name; equal names get a number. */
const uniqueKeys = (names: string[]): string[] =>
  distinct(
    names.map((name) => name.replaceAll('/', '∕')),
    (name, n) => `${name} (${n})`,
  );
