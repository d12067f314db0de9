import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import type { Experiment } from '../../experiment.js';
import { openInput } from '../common/input.js';
import { suggestion } from '../common/nearest.js';
import { readDiffractionEntry } from './experiment-diffraction.js';
import { readMapEntry } from './experiment-map.js';
import { readSpectrumEntry } from './experiment-spectrum.js';
import { parseYamlSection, type Section } from './yaml-section.js';

const NAMES = ['experiment.yaml', 'experiment.yml'];

/** The experiment file that a path means: itself, or the experiment.yaml in the folder. */
export function experimentFile(path: string): string {
  const given = resolve(path);
  const folder = NAMES.includes(basename(given)) ? dirname(given) : given;
  if (!existsSync(folder)) throw new InputError('there is no such file or folder', { path });
  if (existsSync(given) && !statSync(given).isDirectory()) return given;
  const found = experimentIn(folder);
  if (found !== null && folder === given) return found;
  throw new InputError(
    `the folder holds no ${folder === given ? 'experiment.yaml' : basename(given)}`,
    { path: folder === given ? path : dirname(path) },
    found === null ? `'interphase init ${folder}' writes one to edit` : `it holds ${basename(found)}`,
  );
}

/** The experiment file that a folder holds, or null. */
export const experimentIn = (folder: string): string | null =>
  NAMES.map((name) => join(folder, name)).find((candidate) => existsSync(candidate)) ?? null;

/**
 * Reads and checks an experiment file: keys, types, units, names, and that every file it names is there and lies inside
 * its folder. Nothing is read of the data themselves.
 * @throws InputError for the first fault, with file, line and cure.
 */
export function readExperiment(path: string): Experiment {
  const file = openInput(experimentFile(path));
  const folder = dirname(file.path);
  const top = parseYamlSection(file, 'an experiment file');
  const sample = top.text('sample') ?? folder.split(/[\\/]/u).at(-1)!;
  const cycles = top.wholeNumber('cycles', 'write cycles: 500');
  const experiment: Experiment = {
    path: file.path,
    sample,
    ...(cycles === null ? {} : { cycles }),
    diffraction: top.sections('diffraction').map((entry) => readDiffractionEntry(entry, folder)),
    spectra: top.sections('spectra').map((entry) => readSpectrumEntry(entry, folder)),
    maps: top.sections('maps').map((entry) => readMapEntry(entry, folder)),
  };
  top.done();
  const { diffraction, spectra, maps } = experiment;
  if (diffraction.length + spectra.length + maps.length === 0) {
    throw top.fault(null, 'lists no diffraction, spectra or maps', 'see docs/experiment-file.md');
  }
  refuseTwins(
    top,
    'diffraction',
    'name',
    diffraction.map(({ name, line }) => ({ name, line })),
  );
  refuseTwins(
    top,
    'spectra',
    'label',
    spectra.map(({ label, element, edge, line }) => ({ name: label, group: `${element} ${edge}`, line })),
  );
  refuseTwins(
    top,
    'maps',
    'name',
    maps.map(({ name, line }) => ({ name, line })),
  );
  checkReferences(top, experiment);
  return experiment;
}

interface Named {
  name: string;
  line: number;
  /** Names need only differ inside a group. */
  group?: string;
}

function refuseTwins(top: Section, list: string, key: string, entries: Named[]): void {
  const seen = new Map<string, Named>();
  for (const entry of entries) {
    const id = `${entry.group ?? ''}/${entry.name.toLowerCase()}`;
    const twin = seen.get(id);
    if (twin !== undefined) {
      const where = entry.group === undefined ? '' : ` at ${entry.group}`;
      throw new InputError(
        `${list}: two entries${where} are called '${entry.name}' (the other in line ${twin.line})`,
        { ...top.place(), line: entry.line },
        `give one of them another ${key}`,
      );
    }
    seen.set(id, entry);
  }
}

/** A map's references must be labels of spectra at its own edge. */
function checkReferences(top: Section, { maps, spectra }: Experiment): void {
  for (const map of maps) {
    const labels = spectra
      .filter(({ element, edge }) => element === map.element && edge === map.edge)
      .map(({ label }) => label);
    for (const reference of map.references) {
      if (labels.includes(reference)) continue;
      throw new InputError(
        `maps: '${map.name}' refers to '${reference}', but no spectrum at ${map.element} ${map.edge} has that label`,
        { ...top.place(), line: map.line },
        suggestion(reference, labels),
      );
    }
  }
}

/**
 * Keys of the spectra for products: the label, with the edge added only where one label stands at several edges.
 */
export function spectrumKeys(spectra: Experiment['spectra']): string[] {
  const count = new Map<string, number>();
  for (const { label } of spectra) count.set(label.toLowerCase(), (count.get(label.toLowerCase()) ?? 0) + 1);
  return spectra.map(({ label, element, edge }) =>
    count.get(label.toLowerCase())! > 1 ? `${label} (${element} ${edge})` : label,
  );
}
