import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { Experiment } from '../../src/experiment.js';
import { readExperiment, spectrumKeys } from '../../src/formats/experiment/experiment.js';
import { folderWith } from '../support/folder.js';

const DIFFRACTION = `
diffraction:
  - name: cross-section
    files: uxrd/scan_*.xye
    wavelength: 1.2398 angstrom
    positions: { start: 0 um, step: 2 um }
    integration: mean-per-pixel
    beam: 2 um
    phases: [Li3YCl6, In, own.cif]
    dopant: { element: In, into: Li3YCl6 }
`;
const FULL = `sample: LYC | Li-In after 1000 cycles
${DIFFRACTION}
spectra:
  - { file: xas/foil.xdi, edge: Y K, role: calibrant, e0: 17.038 keV, feature: pre-edge-inflection }
  - { file: xas/P5.xdi, edge: Cl K, label: P5, at: { x: 120 um, y: 0.04 mm }, mu: fluorescence }
  - { file: xas/P5.xdi, edge: Y K, role: reference, label: P5, columns: { energy: 1, i0: 2, if: [4-6, 9] }, dead_time: 300 ns, dwell: 1 s }
maps:
  - { file: xrf.csv, role: xrf, energy: 2900 eV, pixel: 5 um, elements: [Y, In, Cl] }
  - { files: { Y: y.csv, In: y.csv }, role: xrf, name: two, clean: [stripes, offsets] }
  - { file: stack.h5, data: /entry/s, role: energy-stack, edge: Y K, references: [P5, foil] }
  - { file: edf/map_xia*.edf, role: xrf, pixel: 2 um }
`;
const FILES = {
  'uxrd/scan_10.xye': '1 2\n',
  'uxrd/scan_2.xye.gz': gzipSync('1 2\n'),
  'uxrd/scan_1.xye': '1 2\n',
  'uxrd/other.txt': 'x',
  'own.cif': 'data_',
  'xas/foil.xdi': '# XDI/1.0\n',
  'xas/P5.xdi': '# XDI/1.0\n',
  'xrf.csv': '1',
  'y.csv': '1',
  'edf/map_xia00_0001_0000_0001.edf': '{',
  'edf/map_xia00_0001_0000_0000.edf': '{',
  'stack.h5': '1',
};
const read = (yaml: string, files: Record<string, string | Uint8Array> = FILES): Experiment =>
  readExperiment(folderWith({ ...files, 'experiment.yaml': yaml }));

const faultOf = (yaml: string, files?: Record<string, string | Uint8Array>): InputError => {
  try {
    read(yaml, files);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('no fault was found');
};

describe('a full experiment file', () => {
  it('is read with units resolved', () => {
    const { sample, diffraction, spectra, maps } = read(FULL);
    expect(sample).toBe('LYC | Li-In after 1000 cycles');
    expect(diffraction[0]).toMatchObject({
      name: 'cross-section',
      wavelength_A: 1.2398,
      integration: 'mean-per-pixel',
      beam_um: 2,
      positions: { start_um: 0, step_um: 2 },
      dopant: { element: 'In', into: 'Li3YCl6' },
      line: 4,
    });
    expect(diffraction[0]!.phases.map(({ name }) => name)).toEqual(['Li3YCl6', 'In', 'own']);
    expect(spectra[0]).toMatchObject({
      label: 'foil',
      element: 'Y',
      edge: 'K',
      e0_eV: 17038,
      role: 'calibrant',
    });
    expect(spectra[1]).toMatchObject({ at: { x_um: 120, y_um: 40 }, mu: 'fluorescence', role: 'sample' });
    expect(spectra[2]).toMatchObject({
      columns: { energy: 1, i0: 2, if: [4, 5, 6, 9] },
      detector: { deadTime_s: 3e-7, dwell_s: 1 },
    });
    expect(maps[0]).toMatchObject({ name: 'xrf', incidentEnergy_eV: 2900, pixel_um: { x: 5, y: 5 } });
    expect(maps[1]).toMatchObject({ name: 'two', elements: ['Y', 'In'], clean: ['stripes', 'offsets'] });
    expect(maps[2]).toMatchObject({ element: 'Y', edge: 'K', references: ['P5', 'foil'] });
    const rows = [0, 1].map((row) => expect.stringContaining(`map_xia00_0001_0000_000${row}.edf`));
    expect(maps[3]).toMatchObject({ name: 'map', source: { rows } });
    expect(spectrumKeys(spectra)).toEqual(['foil', 'P5 (Cl K)', 'P5 (Y K)']);
  });

  it('may say how often the cell was cycled, in whole numbers only', () => {
    expect(read(FULL)).not.toHaveProperty('cycles');
    for (const cycles of [0, 500]) expect(read(`cycles: ${cycles}\n${FULL}`).cycles).toBe(cycles);
    for (const wrong of ['-1', '2.5', '1e3', 'many', '99999999', '[1]'])
      expect(faultOf(`cycles: ${wrong}\n${FULL}`)).toMatchObject({
        message: expect.stringMatching(/cycles: .*(whole number|text)/u),
        place: { line: 1 },
      });
  });

  it('orders files by the numbers in their names and finds packed ones', () => {
    const { source } = read(FULL).diffraction[0]!;
    expect('files' in source && source.files.map((path) => basename(path))).toEqual([
      'scan_1.xye',
      'scan_2.xye.gz',
      'scan_10.xye',
    ]);
  });

  it('is found in a packed file and in a folder', () => {
    const folder = folderWith({ ...FILES, 'packed.yaml.gz': gzipSync(FULL), 'experiment.yml': FULL });
    expect(readExperiment(join(folder, 'packed.yaml.gz')).sample).toBe(readExperiment(folder).sample);
  });
});

describe('faults name line and cure', () => {
  it.each([
    ['integration: mean-per-pixel', '', /'integration' is missing.*sum-over-ring/u, 4],
    ['wavelength: 1.2398 angstrom', '', /'wavelength' is missing/u, 4],
    ['wavelength: 1.2398 angstrom', 'wavelength: 1.2398', /has no unit.*1\.2398 angstrom/u, 6],
    ['wavelength: 1.2398 angstrom', 'wavelength: 1.2398 eV', /is not a wavelength/u, 6],
    ['wavelength: 1.2398', 'wavelenght: 1.2398', /unknown key 'wavelenght'|'wavelength' is missing/u, 4],
    ['beam: 2 um', 'baem: 2 um', /unknown key 'baem'.*'beam'/u, 9],
    ['beam: 2 um', 'beam: -2 um', /larger than zero/u, 9],
    ['beam: 2 um', 'beam: 2 parsec', /'parsec' is not a unit/u, 9],
    ['beam: 2 um', 'beam: [1, 2]', /must be text/u, 9],
    ['[stripes, offsets]', '[stripse]', /'stripse' is not a fault.*'stripes'/u, 19],
    ['dead_time: 300 ns', 'dead_time: 300', /has no unit.*'0\.3 us'/u, 16],
    ['dead_time: 300 ns', 'dead_time: 0 ns', /not a positive time/u, 16],
    ['dead_time: 300 ns, ', '', /dwell: says nothing without a dead time/u, 16],
    ['if: [4-6, 9]', 'if: [6-4]', /no list of column numbers.*if: 5-12/u, 16],
    ['into: Li3YCl6', 'into: Li3YCl', /not among the phases.*'Li3YCl6'/u, 11],
    ['role: calibrant', 'role: calibrate', /not one of.*'calibrant'/u, 14],
    ['edge: Y K, role: cal', 'edge: Yt K, role: cal', /not an edge/u, 14],
    ['edge: Y K, role: cal', 'edge: Y M9, role: cal', /not an edge/u, 14],
    ['edge: Y K, role: cal', 'edge: Li L3, role: cal', /Li has no L3 edge/u, 14],
    ['e0: 17.038 keV', 'e0: 17.038 eV', /17\.038 eV is far from the Y K edge at 17038 eV/u, 14],
    ['references: [P5, foil]', 'references: [P5, foli]', /refers to 'foli'.*'foil'/u, 20],
    ['uxrd/scan_*', 'uxrd/scna_*', /no file matches/u, 5],
    ['xas/foil.xdi', 'xas/fiol.xdi', /no file 'xas\/fiol\.xdi'.*'foil\.xdi'/u, 14],
    ['name: two', 'name: "a\\tb"', /cannot be seen/u, 19],
    ['name: two', 'name: " "', /is empty/u, 19],
    ['xas/foil.xdi', 'xas/*.xdi', /one file, not several.*an entry for each/u, 14],
    ['name: two', 'name: xrf', /called 'xrf'/u, 19],
  ])('%s -> %s', (from, to, message, line) => {
    const fault = faultOf(FULL.replace(from, to));
    expect(fault.message).toMatch(message);
    expect(fault.place?.line).toBe(line);
  });

  it('reads repeated scans, and what is to be cut off', () => {
    const many = { ...FILES, 'xas/P5_1.xdi': '#', 'xas/P5_2.xdi': '#', 'xas/P5_10.xdi': '#' };
    const spectrum = (entry: string) => read(`spectra:\n  - { edge: Cl K, ${entry} }\n`, many).spectra[0]!;
    const repeated = spectrum('files: xas/P5_*.xdi, from: 2.8 keV, to: 2900 eV, drop: [2841.2 eV]');
    expect(repeated.scans.map(({ file }) => file.replace(/^.*\//u, ''))).toEqual([
      'P5_1.xdi',
      'P5_2.xdi',
      'P5_10.xdi',
    ]);
    expect(repeated).toMatchObject({ label: 'P5', clean: { from_eV: 2800, to_eV: 2900, drop_eV: [2841.2] } });
    const groups = spectrum('file: xas/P5.xdi, group: [1.1, 2.1]');
    expect(groups.scans.map(({ group }) => group)).toEqual(['1.1', '2.1']);
    const fault = (entry: string) => faultOf(`spectra:\n  - { edge: Cl K, ${entry} }\n`, many).message;
    expect(fault('file: xas/P5.xdi, files: xas/P5_*.xdi')).toMatch(/exclude each other/u);
    expect(fault('files: [xas/P5_1.xdi, xas/P5_1.xdi]')).toMatch(/P5_1.*twice/u);
    expect(fault('files: [xas/P5_1.xdi], from: 2900 eV, to: 2800 eV')).toMatch(/does not lie above/u);
    expect(fault('files: [xas/P5_1.xdi], drop: [2841.2]')).toMatch(/no unit/u);
  });

  it('refuses two spectra of one edge with the same label', () => {
    expect(faultOf(FULL.replace('label: P5, columns', 'label: foil, columns')).message).toMatch(
      /called 'foil'.*line 14/u,
    );
  });

  it('names the line of broken YAML', () => {
    expect(faultOf('sample: a\n  b: [1\n').place?.line).toBeGreaterThan(0);
    expect(faultOf('sample: a\nsample: b\n').message).toMatch(/unique|twice/u);
    expect(faultOf('sample: !!js/function "x"\n').message).toMatch(/YAML/u);
    expect(faultOf('- 1\n- 2\n').message).toMatch(/experiment file/u);
    expect(faultOf('sample: nothing else\n').message).toMatch(/no diffraction/u);
  });
});

describe('hostile experiment files', () => {
  it('cannot leave the folder by a relative path or a link; an absolute path says plainly where it goes', () => {
    const outside = join(tmpdir(), `interphase-outside-${process.pid}.xdi`);
    writeFileSync(outside, 'secret');
    const entry = (path: string): string => `spectra:\n  - { file: "${path}", edge: Y K }\n`;
    for (const path of ['../../etc/passwd', 'xas/../../x', 'a\\0b']) {
      expect(faultOf(entry(path)).place?.line).toBe(2);
    }
    const folder = folderWith({ 'experiment.yaml': entry('link.xdi') });
    writeFileSync(join(folder, 'absolute.yaml'), entry(outside));
    expect(readExperiment(join(folder, 'absolute.yaml')).spectra[0]!.file).toBe(outside);
    symlinkSync(outside, join(folder, 'link.xdi'));
    expect(() => readExperiment(folder)).toThrow(/outside the experiment's folder/u);
    writeFileSync(
      join(folder, 'experiment.yaml'),
      DIFFRACTION.replace('uxrd/scan_*.xye', 'l*.xdi').replace(', own.cif', ''),
    );
    expect(() => readExperiment(folder)).toThrow(/outside the experiment's folder/u);
  });

  it('ends quickly on deep nesting, alias bombs and patterns made to be slow', () => {
    expect(faultOf(`sample: ${'['.repeat(100_000)}`).message).toMatch(/nested/u);
    expect(faultOf(`${'- '.repeat(50_000)}x`).message).toMatch(/nested/u);
    const bomb = [
      'a: &a0 [x, x]',
      ...Array.from({ length: 60 }, (_, i) => `a${i}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(faultOf(bomb.join('\n'))).toBeInstanceOf(InputError);
    const files = { ...FILES, [`uxrd/${'a'.repeat(200)}`]: '1' };
    const slow = FULL.replace('scan_*.xye', `${'*a'.repeat(60)}b`);
    expect(faultOf(slow, files).message).toMatch(/no file matches/u);
    expect(faultOf('', {})).toBeInstanceOf(InputError);
    expect(faultOf('\u0000\u0001\u0002', {}).message).toMatch(/binary/u);
  });
});
