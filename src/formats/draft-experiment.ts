import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.js';
import { nearestEdge } from '../reference/edges.js';
import { counted } from '../words.js';
import { byNumbersInName } from './common/file-pattern.js';
import { plainName, stemOf } from './common/input.js';
import { groupScans } from './draft-scans.js';
import { edgesToAsk, holdsSpectra, spectrumEntries } from './draft-spectra.js';
import { quoted } from './draft-yaml.js';
import { type Inspection, inspectFile } from './inspect/inspect.js';

export interface Draft {
  text: string;
  /** Files by what they were taken for; 'left out' is what no list took. */
  found: { patterns: number; spectra: number; maps: number; leftOut: string[] };
}

const MAX_FILES = 5000;
const MAX_DEPTH = 4;

/**
 * An experiment.yaml drafted from the files of a folder, to be edited: what the files say is filled in, what only the
 * user can know is left empty with a comment that says so.
 * @throws InputError where the folder holds nothing that can be analysed.
 */
export async function draftExperiment(folder: string): Promise<Draft> {
  const files = filesBelow(folder);
  const inspected: Inspection[] = [];
  for (const group of patternSeries(files)) inspected.push(await inspectFile(group[0]!));
  const series = new Map(patternSeries(files).map((group) => [group[0]!, group]));
  const of = (...kinds: Inspection['kind'][]): Inspection[] =>
    inspected.filter(({ kind }) => kinds.includes(kind));
  const positions = of('positions').map(({ file }) => file);
  const patterns = of('pattern');
  const spectra = inspected.filter(holdsSpectra).flatMap(({ file }) => series.get(file)!);
  const details = new Map<string, Inspection>();
  for (const file of spectra)
    details.set(file, inspected.find((one) => one.file === file) ?? (await inspectFile(file)));
  const maps = of('element-map', 'spectrum-map', 'energy-stack');
  const structures = of('structure').flatMap(({ file }) => series.get(file)!);
  const scans = of('line-scan');
  if (patterns.length + scans.length + spectra.length + maps.length === 0) {
    throw new InputError(
      'holds no patterns, spectra or maps that are known here',
      { path: folder },
      "see what its files are with 'interphase inspect'",
    );
  }
  const labels = new Set<string>();
  const spectrumLines = groupScans(details, files).flatMap((group) => spectrumEntries(group, folder, labels));
  const path = (file: string): string => quoted(relative(folder, file).split(sep).join('/'));
  const lines = [
    '# Drafted by `interphase init`. Fill in what is marked CHOOSE, check the rest, then: interphase run .',
    `sample: ${quoted(basename(resolve(folder)))}   # CHECK: what was measured`,
    ...section('diffraction', [
      ...patterns.flatMap(({ file, content }) =>
        diffractionEntry(series.get(file)!, folder, positions, structures, content.wavelength_A, path),
      ),
      ...scans.flatMap(({ file, content }) => hdf5Scan(path(file), content, structures.map(path))),
    ]),
    ...section(
      'spectra:   # role: calibrant, reference or sample; a calibrant may have e0: 17038 eV; at: { x: 0 um, y: 0 um } places it on a map',
      [...spectrumLines, ...edgesToAsk(spectrumLines)],
    ),
    ...section(
      'maps',
      maps.flatMap((one) => mapEntry(path(one.file), one)),
    ),
  ];
  const used = new Set(
    [...patterns, ...scans, ...maps]
      .flatMap(({ file }) => series.get(file)!)
      .concat(spectra, positions, structures),
  );
  return {
    text: `${lines.join('\n')}\n`,
    found: {
      patterns: [
        ...patterns.map(({ file }) => series.get(file)!.length),
        ...scans.map(({ content }) => Number(content.patterns)),
      ].reduce((a, b) => a + b, 0),
      spectra: spectra.length,
      maps: maps.length,
      leftOut: files.filter((file) => !used.has(file)).map((file) => relative(folder, file)),
    },
  };
}

const section = (name: string, entries: string[]): string[] =>
  entries.length === 0 ? [] : [name.includes(':') ? name : `${name}:`, ...entries];

function filesBelow(folder: string, depth = 0): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort(byNumbersInName);
  } catch {
    throw new InputError('there is no such folder', { path: folder });
  }
  const found: string[] = [];
  for (const name of names) {
    if (name.startsWith('.') || name === 'results' || name === 'node_modules') continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() && depth < MAX_DEPTH) found.push(...filesBelow(path, depth + 1));
    else if (stat?.isFile()) found.push(path);
    if (found.length > MAX_FILES)
      throw new InputError(
        `holds more than ${MAX_FILES} files`,
        { path: folder },
        'choose a folder of one experiment',
      );
  }
  return found;
}

/** Files that differ in their last number only belong together; each other file stands alone. */
function patternSeries(files: string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const name = plainName(file);
    const numbered = /\.(?:xye?|dat|csv|chi|txt)$/iu.test(name) ? /^(.*?)(\d+)(\.\w+)$/u.exec(name) : null;
    const key = numbered ? `${dirname(file)}/${numbered[1]}*${numbered[3]}` : file;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()];
}

function diffractionEntry(
  group: string[],
  folder: string,
  positions: string[],
  structures: string[],
  wavelength: unknown,
  path: (file: string) => string,
): string[] {
  const first = group[0]!;
  const name = plainName(first);
  const files =
    group.length > 1
      ? quoted(
          `${relative(folder, dirname(first)).split(sep).join('/')}/${name.replace(/\d+(\.\w+)$/u, '*$1')}`.replace(
            /^\//u,
            '',
          ),
        )
      : path(first);
  const beside = positions.find((file) => dirname(file) === dirname(first));
  return [
    `  - name: ${quoted(stemOf(first).replace(/[-_.\s]*\d+$/u, '') || 'line-scan')}`,
    `    files: ${files}   # ${counted(group.length, 'pattern')}`,
    ...diffractionRest(
      wavelength,
      structures.map(path),
      beside === undefined ? ASK_POSITIONS : `positions: ${path(beside)}`,
    ),
  ];
}

const hdf5Scan = (file: string, content: Inspection['content'], structures: string[]): string[] => [
  '  - name: line-scan',
  `    file: ${file}`,
  `    data: ${String(content.group)}   # ${counted(Number(content.patterns), 'pattern')}`,
  ...diffractionRest(content.wavelength_A, structures, content.positions === false ? ASK_POSITIONS : null),
];

const ASK_POSITIONS =
  'positions: { start: 0 um, step: }   # CHOOSE the step, such as 2 um, or a CSV file with the columns file,position_um';

const diffractionRest = (wavelength: unknown, structures: string[], positions: string | null): string[] => [
  typeof wavelength === 'number'
    ? `    wavelength: ${Number(wavelength.toPrecision(8))} angstrom   # as the files state`
    : '    wavelength:   # CHOOSE, such as 1.2398 angstrom or 10 keV',
  ...(positions === null ? [] : [`    ${positions}`]),
  '    integration:   # CHOOSE mean-per-pixel (pyFAI and most azimuthal averages), sum-over-ring, or lab; it decides the intensities',
  '    beam:   # CHOOSE the width of the beam along the scan, such as 2 um',
  structures.length > 0
    ? `    phases: [${structures.join(', ')}]   # CHECK; built-in names such as Li3YCl6, In, LiIn may stand here too`
    : '    phases: [Li3YCl6, In, LiIn]   # CHECK: built-in names or CIF files',
  '    # dopant: { element: In, into: Li3YCl6 }   # what may have entered which phase',
];

function mapEntry(file: string, { kind, content }: Inspection): string[] {
  const group =
    typeof content.group === 'string' && content.group !== '/' ? `\n    data: ${content.group}` : '';
  const pixel = content.pixel_um as { x: number; y: number } | null | undefined;
  const size = pixel
    ? `    pixel: ${pixel.x === pixel.y ? `${pixel.x} um` : `{ x: ${pixel.x} um, y: ${pixel.y} um }`}   # as the file states`
    : '    pixel:   # CHOOSE, such as 5 um (leave out where the file has axes with units)';
  if (kind === 'energy-stack') {
    const energies = content.energies as number[] | undefined;
    const middle = energies?.[Math.floor(energies.length / 2)];
    const near = middle === undefined || content.unit !== 'eV' ? null : nearestEdge(middle);
    return [
      `  - file: ${file}${group}`,
      '    role: energy-stack',
      near === null
        ? '    edge:   # CHOOSE, such as Y K'
        : `    edge: ${near.element} ${near.edge}   # CHECK: taken from the energies`,
      ...(content.pixel_um ? [size] : []),
      '    # references: [label, label]   # spectra of this edge above',
    ];
  }
  const elements = Array.isArray(content.elements)
    ? `    elements: [${(content.elements as string[]).join(', ')}]`
    : '    # elements: [Y, In, Cl]';
  return [
    `  - file: ${file}${group}`,
    '    role: xrf',
    '    energy:   # CHOOSE the incident energy, such as 2900 eV',
    size,
    elements,
  ];
}
