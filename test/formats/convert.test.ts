import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertFile } from '../../src/formats/convert.js';
import { draftExperiment } from '../../src/formats/draft-experiment.js';
import { readExperiment } from '../../src/formats/experiment/experiment.js';
import { readPattern } from '../../src/formats/patterns/pattern.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { folderWith } from '../support/folder.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const XDI = `# XDI/1.0
# Column.1: energy eV
# Column.2: i0
# Column.3: itrans
# Element.symbol: Y
# Element.edge: K
# Sample.name: it's a café
# Mono.d_spacing: 3.1356
# ---
${Array.from({ length: 60 }, (_, i) => `${16950 + 3 * i} 1000 ${500 - (i > 29 ? 200 : 0) + 0.1 * i}`).join('\n')}
`;

describe('converting', () => {
  it.each(['b.xdi', 'b.csv', 'b.csv.gz', 'b.nxs'])('keeps the columns of a spectrum in %s', async (out) => {
    const folder = folderWith({ 'a.xdi': XDI });
    await convertFile(join(folder, 'a.xdi'), join(folder, out));
    const [before] = await readSpectrumScans(join(folder, 'a.xdi'));
    const [after] = await readSpectrumScans(join(folder, out));
    const sorted = (scan: typeof before): unknown =>
      scan!.columns.map(({ role, values }) => [role, ...values]).sort();
    expect(sorted(after)).toEqual(sorted(before));
    if (!out.includes('csv')) expect([after!.element, after!.edge]).toEqual(['Y', 'K']);
  });

  it('forms mu for an Athena project', async () => {
    const folder = folderWith({ 'a.xdi': XDI });
    await convertFile(join(folder, 'a.xdi'), join(folder, 'b.prj'));
    const [scan] = await readSpectrumScans(join(folder, 'b.prj'));
    expect(scan).toMatchObject({ title: "it's a café", element: 'Y', edge: 'K', muHint: { column: 'xmu' } });
    expect(scan!.columns[1]!.values[0]).toBeCloseTo(Math.log(1000 / 500), 12);
    expect(Number(scan!.stored.e0_eV)).toBeGreaterThan(17030);
  });

  it.each(['b.xy', 'b.xye', 'b.csv', 'b.xye.gz'])('keeps a pattern in %s', async (out) => {
    const folder = folderWith({ 'a.xye': '10 4 2\n10.1 9 3\n10.2 16 4\n' });
    await convertFile(join(folder, 'a.xye'), join(folder, out));
    const { pattern } = readPattern(join(folder, out));
    expect([...pattern.intensity]).toEqual([4, 9, 16]);
    expect(pattern.sigma === null).toBe(out === 'b.xy');
  });

  it('refuses what a format cannot hold, and leaves nothing behind', async () => {
    const folder = folderWith({ 'a.xdi': XDI, 'a.xye': '10 4 2\n10.1 9 3\n10.2 16 4\n', 'a.txt': 'x' });
    const convert = (from: string, out: string): Promise<string> =>
      convertFile(join(folder, from), join(folder, out));
    await expect(convert('a.xdi', 'b.xye')).rejects.toThrow(/holds spectra, which \.xye cannot hold/u);
    await expect(convert('a.xye', 'b.prj')).rejects.toThrow(/powder pattern, which \.prj/u);
    await expect(convert('a.xdi', 'b.doc')).rejects.toThrow(/names no format.*\.xdi/u);
    await expect(convert('a.xdi', 'a.xdi')).rejects.toThrow(/the same file/u);
    await expect(convert('a.txt', 'b.xdi')).rejects.toThrow(/can be converted/u);
    for (const name of ['b.xye', 'b.prj', 'b.doc']) expect(existsSync(join(folder, name))).toBe(false);
    expect(readFileSync(join(folder, 'a.xdi'), 'utf8')).toBe(XDI);
  });
});

describeReal('an Athena project written again', () => {
  it('holds the same groups, numbers and parameters', async () => {
    const folder = folderWith({});
    const [from, out] = [join(sharedData, 'xas/cl-k/Cl_CAMD.prj'), join(folder, 'b.prj')];
    await convertFile(from, out);
    const [before, after] = [await readSpectrumScans(from), await readSpectrumScans(out)];
    expect(after.map(({ title, element }) => [title, element])).toEqual(
      before.map(({ title, element }) => [title, element]),
    );
    for (const [i, scan] of after.entries()) {
      expect([...scan.columns[0]!.values]).toEqual([...before[i]!.columns[0]!.values]);
      expect([...scan.columns[1]!.values]).toEqual([...before[i]!.columns[1]!.values]);
      expect(scan.stored.e0_eV).toBe(before[i]!.stored.e0_eV);
      expect(scan.stored.degree).toBe(before[i]!.stored.degree);
      expect(Number(scan.stored.norm2_eV)).toBeCloseTo(Number(before[i]!.stored.norm2_eV), 9);
    }
  });
});

describe('a drafted experiment', () => {
  const pattern = '10 4\n10.1 9\n10.2 16\n';
  it('is complete once the marked lines are filled in', async () => {
    const folder = folderWith({
      'uxrd/scan_1.xy': pattern,
      'uxrd/scan_2.xy': pattern,
      'uxrd/positions.csv': 'file,position_um\nscan_1.xy,0\nscan_2.xy,2\n',
      'xas/foil.xdi': XDI.replace("it's a café", 'Y foil'),
      'xas/other.csv': 'energy,mu\n17000,0\n17010,0.1\n17020,0.2\n',
      'map.csv': 'x_um,y_um,Y\n0,0,1\n5,0,2\n0,5,3\n5,5,4\n',
      'notes.txt': 'hello\n',
    });
    const { text, found } = await draftExperiment(folder);
    expect(found).toEqual({ patterns: 2, spectra: 2, maps: 1, leftOut: ['notes.txt'] });
    const save = (yaml: string): string => {
      writeFileSync(join(folder, 'experiment.yaml'), yaml);
      return folder;
    };
    expect(() => readExperiment(save(text))).toThrow(/'wavelength' is missing/u);
    const filled = text
      .replace('wavelength:', 'wavelength: 1.2398 angstrom')
      .replace('integration:', 'integration: lab')
      .replace('beam:', 'beam: 2 um')
      .replace('edge: ,', 'edge: Y K,')
      .replace('energy:', 'energy: 2900 eV');
    const experiment = readExperiment(save(filled));
    expect(experiment.diffraction[0]!.positions).toEqual({ file: join(folder, 'uxrd/positions.csv') });
    expect(experiment.spectra.map(({ label, role, edge }) => [label, role, edge])).toEqual([
      ['Y foil', 'calibrant', 'K'],
      ['other', 'sample', 'K'],
    ]);
    expect(experiment.maps[0]).toMatchObject({ elements: ['Y'], pixel_um: { x: 5, y: 5 } });
  });

  it('takes the edge that a signal shows, and says so', async () => {
    const energies = Array.from({ length: 200 }, (_, i) => 8800 + 2.5 * i + 0.4 * (i % 2));
    const mu = (e: number): number => 0.3 + 0.5 + Math.atan((e - 8984) / 2) / Math.PI;
    const rows = (row: (e: number, i: number) => number[]): string =>
      energies.map((e, i) => row(e, i).join(' ')).join('\n');
    const flat = (i: number): number => 900 + 0.1 * Math.sin(i * i);
    const folder = folderWith({
      'bare.dat': rows((e) => [e / 1000, mu(e)]),
      'foil.dat': `#energy i0 i1 i2\n${rows((e, i) => [e, 1000, flat(i), flat(i) * Math.exp(-mu(e))])}`,
      'scans.spec': [1, 2]
        .map(
          (n) => `#S ${n} ascan\n#D now\n#L energy  I0  It\n${rows((e) => [e, 9, 9 * Math.exp(-mu(e))])}\n\n`,
        )
        .join(''),
      'odd.dat': `#energy i0 it\n${rows((e, i) => [e, 9, flat(i)])}`,
    });
    const { text, found } = await draftExperiment(folder);
    expect(found.spectra).toBe(4);
    expect(text).toMatch(
      /bare\.dat, edge: Cu K, columns: \{ energy: 1, mu: 2 \}.*CHECK the edge: it rises at 898\d/u,
    );
    expect(text).toMatch(/foil\.dat, edge: Cu K, mu: reference,.*only the reference has an edge/u);
    expect(text).toMatch(/scans\.spec, group: "2", edge: Cu K, .* label: scans 2 \}/u);
    expect(text).toMatch(/odd\.dat, edge: , .*CHOOSE the edge; it runs from 8800 to/u);
    writeFileSync(join(folder, 'experiment.yaml'), text.replace('edge: ,', 'edge: Cu K,'));
    const { spectra } = readExperiment(folder);
    expect(spectra.map(({ label, group }) => [label, group])).toEqual([
      ['bare', null],
      ['foil', null],
      ['odd', null],
      ['scans', '1'],
      ['scans 2', '2'],
    ]);
    expect(spectra[0]!.columns).toEqual({ energy: 1, mu: 2 });
  });

  it('groups repeated scans, proposes roles, and asks for what it cannot know', async () => {
    const energies = Array.from({ length: 120 }, (_, i) => 2790 + i);
    const scan = (title: string, first = 0): string =>
      `# XDI/1.0\n# Column.1: energy eV\n# Column.2: mutrans\n# Element.symbol: Cl\n# Element.edge: K\n# Sample.name: ${title}\n# ---\n${energies
        .slice(first)
        .map((e) => `${e} ${0.5 + Math.atan(e - 2826) / Math.PI}`)
        .join('\n')}\n`;
    const folder = folderWith({
      'xas/P1.xdi': scan('P1'),
      'xas/P2.xdi': scan('P2'),
      'xas/P5_001.xdi': scan('P5'),
      'xas/P5_002.xdi': scan('P5'),
      'xas/P5_010.xdi': scan('P5'),
      'xas/Q_1.xdi': scan('upper'),
      'xas/Q_2.xdi': scan('lower'),
      'xas/R_1.xdi': scan('R'),
      'xas/R_2.xdi': scan('R', 40),
      'xas/S_1.xdi': scan('S'),
      'xas/S_2.xdi': scan('S'),
      'xas/S_map.xdi': scan('S map'),
      'xas/InCl3.xdi': scan('InCl3'),
      'xas/NaF.xdi': scan('NaF'),
      'standards/a.xdi': scan('a'),
    });
    const { text, found } = await draftExperiment(folder);
    expect(found).toMatchObject({ spectra: 15, leftOut: [] });
    expect(text).toMatch(/^sample: interphase-test/mu);
    expect(text).toMatch(/CHOOSE a calibrant of the Cl K edge/u);
    expect(text.match(/repeated scans of one spot/gu)).toHaveLength(2);
    writeFileSync(join(folder, 'experiment.yaml'), text);
    const { spectra } = readExperiment(folder);
    expect(spectra.map(({ label, role, scans }) => [label, role, scans.length])).toEqual([
      ['a', 'reference', 1],
      ['InCl3', 'reference', 1],
      ['NaF', 'sample', 1],
      ['P1', 'sample', 1],
      ['P2', 'sample', 1],
      ['P5', 'sample', 3],
      ['upper', 'sample', 1],
      ['lower', 'sample', 1],
      ['R', 'sample', 1],
      ['R_2', 'sample', 1],
      ['S', 'sample', 2],
      ['S map', 'sample', 1],
    ]);
    // A star would catch the map, too.
    expect(text).toMatch(/files: "xas\/P5_\*\.xdi"/u);
    expect(text).toMatch(/files: \[xas\/S_1\.xdi, xas\/S_2\.xdi\]/u);
  });

  it('is refused for a folder without data', async () => {
    await expect(draftExperiment(folderWith({ 'a.txt': 'hello' }))).rejects.toThrow(
      /no patterns, spectra or maps/u,
    );
    await expect(draftExperiment('/nowhere/at/all')).rejects.toThrow(/no such folder/u);
  });
});
