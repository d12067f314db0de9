import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { convertFile } from '../../src/formats/convert.js';
import { guessEdge } from '../../src/formats/spectra/guess-edge.js';
import { pickScan, readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { type SpectrumRequest, spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import type { Spectrum, SpectrumScan } from '../../src/measurement.js';
import { folderWith } from '../support/folder.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const xas = (name: string): string => join(sharedData, 'xas', name);

async function read(
  path: string,
  request: Partial<SpectrumRequest> & { element: string; edge?: string },
  group: string | null = null,
): Promise<{ spectrum: Spectrum; said: string[]; scan: SpectrumScan }> {
  const said: string[] = [];
  const scan = pickScan(await readSpectrumScans(path), group, path);
  const spectrum = spectrumFromScan(scan, {
    edge: 'K',
    label: 'a',
    warn: (message) => said.push(message),
    path,
    ...request,
  });
  return { spectrum, said, scan };
}

/** Energy of the largest slope between neighbours, within a window. */
function steepest(energy: Float64Array, mu: Float64Array, from: number, to: number): number {
  let best = { slope: Number.NEGATIVE_INFINITY, at: 0 };
  for (let i = 1; i + 1 < energy.length; i++) {
    if (energy[i]! < from || energy[i]! > to) continue;
    const slope = (mu[i + 1]! - mu[i - 1]!) / (energy[i + 1]! - energy[i - 1]!);
    if (slope > best.slope) best = { slope, at: energy[i]! };
  }
  return best.at;
}

describeReal('measured spectra', () => {
  it('makes the yttrium foil of ln(It/Ir), as its plot hint says', async () => {
    const { spectrum } = await read(xas('y-k/Y-K-foil.xdi'), { element: 'Y' });
    expect(spectrum.source).toBe('reference');
    expect(steepest(spectrum.energy_eV, spectrum.mu, 17030, 17041)).toBeCloseTo(17037.4, 0);
    expect(steepest(spectrum.energy_eV, spectrum.mu, 17030, 17060)).toBeCloseTo(17045.4, 0);
    expect(spectrum.reference).toBeNull();
  });

  it('makes yttrium oxide of ln(I0/It) with the simultaneous foil beside it', async () => {
    const { spectrum } = await read(xas('y-k/Y-K-YttriumOxide.xdi'), { element: 'Y' });
    expect(spectrum.source).toBe('transmission');
    expect(steepest(spectrum.energy_eV, spectrum.mu, 17030, 17070)).toBeCloseTo(17050.4, 0);
    expect(steepest(spectrum.energy_eV, spectrum.reference!, 17030, 17041)).toBeCloseTo(17037.4, 0);
    expect(Math.abs(steepest(spectrum.energy_eV, spectrum.reference!, 17030, 17060) - 17045.9)).toBeLessThan(
      0.8,
    );
  });

  it('reads SSRL binary 2.0: indium reference and fluorescence 2.8 eV apart', async () => {
    const { spectrum, scan } = await read(xas('in-k/IN_540_001.003'), { element: 'In', mu: 'reference' });
    expect([scan.columns.length, scan.columns[0]!.values.length]).toEqual([79, 431]);
    expect([spectrum.energy_eV[0]!, spectrum.energy_eV.at(-1)!].map(Math.round)).toEqual([27710, 28817]);
    expect(steepest(spectrum.energy_eV, spectrum.mu, 27920, 27960)).toBeCloseTo(27936.5, 0);
    const sample = (await read(xas('in-k/IN_540_001.003'), { element: 'In', mu: 'fluorescence' })).spectrum;
    expect(steepest(sample.energy_eV, sample.mu, 27920, 27960)).toBeCloseTo(27939.3, 0);
    expect(sample.reference).not.toBeNull();
  });

  it('reads the groups of an Athena project in order, with their stored edge energies', async () => {
    const scans = await readSpectrumScans(xas('cl-k/Cl_CAMD.prj'));
    expect(scans.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['KCl', 'NaCl', 'PdCl2', 'PbCl2']),
    );
    const stored = Object.fromEntries(scans.map(({ title, stored }) => [title, Number(stored.e0_eV)]));
    expect(stored).toMatchObject({ KCl: 2824.18, NaCl: 2824.92, PdCl2: 2819.85, PbCl2: 2821.19 });
    const { spectrum } = await read(xas('cl-k/Cl_CAMD.prj'), { element: 'Cl' }, 'kcl');
    const top = spectrum.energy_eV[spectrum.mu.indexOf(Math.max(...spectrum.mu))];
    expect(top).toBeCloseTo(2824.95, 0);
    const pd = (await read(xas('cl-k/Cl_CAMD.prj'), { element: 'Cl' }, 'PdCl2')).spectrum;
    const window = [...pd.energy_eV.keys()].filter((i) => pd.energy_eV[i]! > 2818 && pd.energy_eV[i]! < 2822);
    const peak = window.reduce((a, b) => (pd.mu[b]! > pd.mu[a]! ? b : a));
    expect(Math.abs(pd.energy_eV[peak]! - 2820.4)).toBeLessThan(0.25);
  });

  it.each([
    ['formats/SSRL1_2006.dat', 'SSRL ASCII', 'Ag', 25514, 455],
    ['formats/SSRLmicro_2008.dat', 'SSRL micro', 'Ge', 11103, 296],
    ['formats/demeter_ssrlb.dat', 'SSRL binary 1.1', 'Mo', 20000, 635],
    ['formats/NSLS6BM_2019.dat', 'XDI (NSLS-II BMM)', 'V', 5465, 352],
    ['formats/NSLS8ID_2019.dat', 'NSLS-II ISS', 'As', 11867, 647],
    ['formats/APS10BM_2019.dat', 'APS 10-BM (MRCAT)', 'Mn', 6539, 3464],
    ['foils/Cu_Foil_rt_2016Foils.xdi', 'XDI', 'Cu', 8979, 532],
    ['foils/gypsum_rt_01.xdi', 'XDI', 'S', 2472, 299],
    ['pre-edge-fe2o3/doc_example2.dat', 'IFEFFIT column file', 'Fe', 7112, 412],
  ])('reads %s as %s with the edge where it belongs', async (name, format, element, edge_eV, rows) => {
    const { spectrum, scan } = await read(xas(name), { element });
    expect(scan.format).toBe(format);
    expect(scan.columns[0]!.values.length).toBe(rows);
    expect(
      Math.abs(steepest(spectrum.energy_eV, spectrum.mu, edge_eV - 60, edge_eV + 60) - edge_eV),
    ).toBeLessThan(20);
  });

  it('asks for the columns of a file without header, and takes them', async () => {
    const path = xas('formats/generic_columns_no_header.dat');
    await expect(read(path, { element: 'Ge' })).rejects.toThrow(
      /does not say which of its columns.*columns:/u,
    );
    const { spectrum } = await read(path, { element: 'Ge', columns: { energy: 1, i0: 2, it: 3 } });
    expect(spectrum.energy_eV.length).toBe(198);
    await expect(read(path, { element: 'Ge', columns: { energy: 1, i0: 2, it: 9 } })).rejects.toThrow(
      /has 7 columns/u,
    );
  });
});

const line = (energy: number): number => (energy > 17038 ? 1 : 0) + 1e-4 * (energy - 17000);
const energies = Array.from({ length: 121 }, (_, i) => 16950 + 2 * i);
const table = (rows: number[][], names = 'energy mu'): string =>
  `# ${names}\n${rows.map((row) => row.join(' ')).join('\n')}\n`;
const plainRows = energies.map((energy) => [energy, line(energy)]);

async function fromText(
  text: string,
  request: Partial<SpectrumRequest> = {},
): Promise<{ spectrum: Spectrum; said: string[] }> {
  const folder = folderWith({ 'a.dat': text });
  return read(join(folder, 'a.dat'), { element: 'Y', ...request });
}

describe('repairs, each told', () => {
  it('turns falling energies, sorts, merges and drops', async () => {
    const falling = await fromText(table([...plainRows].reverse()));
    expect(falling.spectrum.energy_eV[0]).toBe(16950);
    expect(falling.said).toEqual([expect.stringMatching(/fall and are turned/u)]);
    const mixed = await fromText(table([...plainRows.slice(50), ...plainRows.slice(0, 50)]));
    expect(mixed.said).toEqual([expect.stringMatching(/sorted/u)]);
    const twice = await fromText(
      table([...plainRows.slice(0, 10), [16968, line(16968) + 2], ...plainRows.slice(10)]),
    );
    expect(twice.said).toEqual([expect.stringMatching(/1 repeated energies/u)]);
    expect(twice.spectrum.mu[9]).toBeCloseTo(line(16968) + 1, 10);
    const holes = await fromText(table(plainRows.map(([e, mu], i) => [e!, i === 3 ? Number.NaN : mu!])));
    expect(holes.said).toEqual([expect.stringMatching(/1 of 121 rows are left out/u)]);
  });

  it('makes energies of angles by the d-spacing of the header', async () => {
    const d = 3.1356;
    const rows = [...energies]
      .reverse()
      .map((energy) => [
        (Math.asin(12398.4198 / (2 * d * energy)) * 180) / Math.PI,
        100,
        100 * Math.exp(-line(energy)),
      ]);
    const head = `# XDI/1.0\n# Column.1: angle degrees\n# Column.2: i0\n# Column.3: itrans\n# Element.symbol: Y\n# Element.edge: K\n# Mono.d_spacing: ${d}\n# ---\n`;
    const { spectrum, said } = await fromText(head + rows.map((row) => row.join(' ')).join('\n'));
    expect(spectrum.energy_eV[0]).toBeCloseTo(16950, 2);
    expect(spectrum.mu.at(-1)).toBeCloseTo(line(energies.at(-1)!), 8);
    expect(said.join()).toMatch(/turned/u);
    await expect(
      fromText((head + rows.map((row) => row.join(' ')).join('\n')).replace(/# Mono.*\n/u, '')),
    ).rejects.toThrow(/d-spacing/u);
  });

  it('takes keV where the header says so, or nothing else can be meant', async () => {
    const rows = plainRows.map(([e, mu]) => [e! / 1000, mu!]);
    const bare = await fromText(table(rows));
    expect(bare.spectrum.energy_eV[0]).toBeCloseTo(16950, 9);
    expect(bare.said).toEqual([
      expect.stringMatching(/no unit; its values, 16.95 to 17.19, are taken as keV/u),
    ]);
    await expect(fromText(table(rows, 'energy_eV mu'))).rejects.toThrow(/keV where eV are stated/u);
    const { spectrum } = await fromText(table(rows, 'energy_keV mu'));
    expect(spectrum.energy_eV[0]).toBeCloseTo(16950, 9);
  });

  it('carries counting statistics of fluorescence, corrected for dead time', async () => {
    const rows = plainRows.map(([e, mu]) => [e!, 10_000, Math.round(1000 + 500 * mu!), 3000, 2000]);
    const { spectrum } = await fromText(table(rows, 'energy i0 roi1 icr1 ocr1'));
    expect(spectrum.source).toBe('fluorescence');
    expect(spectrum.mu[0]).toBeCloseTo((rows[0]![2]! * 1.5) / 10_000, 12);
    const [f, n] = [rows[0]![2]! * 1.5, rows[0]![2]!];
    expect(spectrum.sigma![0]).toBeCloseTo((f / 10_000) * Math.sqrt(1 / n + 1 / 10_000), 12);
    const analogue = await fromText(
      table(
        plainRows.map(([e, mu]) => [e!, 1.5, 0.2 + 0.1 * mu!]),
        'energy i0 ifluor',
      ),
    );
    expect(analogue.spectrum.sigma).toBeNull();
  });

  it('chooses between transmission and fluorescence by the clearer edge, and says so', async () => {
    const flicker = (i: number): number => 0.02 * Math.sin(12.9898 * i);
    const rows = plainRows.map(([e, mu], i) => [
      e!,
      100,
      100 * Math.exp(-0.01 * mu! - flicker(i)),
      mu! + 1 + 0.01 * flicker(i),
    ]);
    const { spectrum, said } = await fromText(table(rows, 'energy i0 it if'));
    expect(spectrum.source).toBe('fluorescence');
    expect(said.join()).toMatch(/mu: transmission for the other/u);
    expect((await fromText(table(rows, 'energy i0 it if'), { mu: 'transmission' })).spectrum.source).toBe(
      'transmission',
    );
  });

  it.each([
    [
      'energies that miss the edge',
      table(plainRows.map(([e, mu]) => [e! - 2000, mu!])),
      /do not cover the Y K edge at 17038 eV/u,
    ],
    [
      'a table without energy',
      table(
        plainRows.map(([e, mu]) => [e! % 7, mu!]),
        'x y',
      ),
      /no energy column/u,
    ],
    ['nothing finite', table(plainRows.map(([e]) => [e!, Number.NaN])), /nowhere a usable number/u],
    ['four points', table(plainRows.slice(42, 46)), /only 4 usable|do not cover/u],
    [
      'currents of opposite sign',
      table(
        plainRows.map(([e]) => [e!, 1, -1]),
        'energy i0 it',
      ),
      /nowhere a usable/u,
    ],
  ])('refuses %s', async (_name, text, message) => {
    await expect(fromText(text)).rejects.toThrow(message);
    await expect(fromText(text)).rejects.toBeInstanceOf(InputError);
  });

  it('offers the names of columns and groups', async () => {
    await expect(fromText(table(plainRows), { mu: { column: 'flourescence' } })).rejects.toThrow(
      /'fluorescence'/u,
    );
    const two = `#S 1 scan\n#L energy  i0  it\n16950 1 1\n17000 1 1\n17100 1 1\n\n#S 2 scan\n#L energy  i0  it\n16950 1 1\n17000 1 1\n17100 1 1\n`;
    await expect(fromText(two)).rejects.toThrow(/holds 2 spectra.*group: 1, 2/u);
  });
});

describe('other formats', () => {
  it('reads SPEC scans, packed, without multichannel data', async () => {
    const text =
      '#F a\n#E 1\n\n#S 1 ascan energy\n#D today\n#N 3\n#L energy  I0  It\n16950 10 5\n@A 1 2 3\\\n 4 5\n17000 10 4\n17100 10 3\n\n#S 2 ct\n#L a  b\n';
    const folder = folderWith({ 'scan.spec.gz': gzipSync(text) });
    const scans = await readSpectrumScans(join(folder, 'scan.spec.gz'));
    expect(scans).toHaveLength(1);
    expect([...scans[0]!.columns[2]!.values]).toEqual([5, 4, 3]);
    expect(scans[0]!.columns.map(({ role }) => role)).toEqual(['energy', 'i0', 'itrans']);
  });

  it('reads KEK-PF 9809 by its angles and modes', async () => {
    const text = [
      '  9809     KEK-PF  BL12C',
      'test  99.09.09',
      ' Mono :   SI(111)     D=  3.13551 A   Initial angle= 12.0 deg',
      ' Angle(c)  Angle(o)     time         2         3',
      '      Mode         0         0         1         2',
      '    Offset         0         0     100.0     200.0',
      ' 12.00000  12.00000    1.00    1000    500',
      ' 11.90000  11.90000    1.00    1000    400',
      ' 11.80000  11.80000    1.00    1000    300',
    ].join('\n');
    const [scan] = await readSpectrumScans(join(folderWith({ 'a.dat': text }), 'a.dat'));
    expect(scan!.format).toBe('KEK-PF 9809');
    expect(scan!.columns[0]!.values[0]).toBeCloseTo(
      12398.4198 / (2 * 3.13551 * Math.sin((12 * Math.PI) / 180)),
      3,
    );
    expect(scan!.columns.map(({ role }) => role).slice(-2)).toEqual(['i0', 'itrans']);
    expect(scan!.warnings.join()).toMatch(/dark offsets/u);
  });

  it('reads the Lytle database by encoder steps', async () => {
    const text = [
      '  NPTS  NS CUEDGE  CUHITE   DSPACE  STPDEG  STEPMM  START    STOP     SCALE',
      '     3   4  84294. 200000. 1.92017   4000.   3150.  85290.  74500.    2.000',
      '   DELTA:     50.      8.     16.     32.     46.',
      ' 5% CU/CAB IN H2 AT 40C                        7   9  6-10-83',
      '  84788. 1000. 500. 10.',
      '  84294. 1000. 400. 12.',
      '  83804. 1000. 300. 20.',
    ].join('\n');
    const [scan] = await readSpectrumScans(join(folderWith({ 'cu.dat': text }), 'cu.dat'));
    // The header says that the copper edge, 8979 eV, lies at 84294 steps.
    expect(scan!.columns[0]!.values[1]).toBeCloseTo(8979, -1);
    expect(scan!.columns.map(({ role }) => role)).toEqual(['energy', 'i0', 'itrans', 'fluorescence']);
  });

  it('reads an Athena project in JSON', async () => {
    const group = {
      args: { label: 'a', bkg_eshift: 2, bkg_z: 'H' },
      x: ['17000', '17040'],
      y: ['0', '1'],
      stddev: [null],
    };
    const text = JSON.stringify({
      _____header1: '# Athena project file -- Demeter version 0.9.26',
      abcd: group,
      _____journal: [],
    });
    const [scan] = await readSpectrumScans(join(folderWith({ 'a.prj': gzipSync(text) }), 'a.prj'));
    expect([...scan!.columns[0]!.values]).toEqual([17002, 17042]);
    expect([scan!.element, scan!.columns.length]).toEqual([null, 2]);
    const cut = folderWith({ 'a.prj': text.slice(0, -40) });
    await expect(readSpectrumScans(join(cut, 'a.prj'))).rejects.toThrow(/not a readable Athena project/u);
  });

  it('takes no edge that the energies of a group do not cover, and no chi for a spectrum', async () => {
    const group = (args: string, x: number[]): string =>
      `$old_group = 'a';\n@args = (${args});\n@x = ('${x.join("','")}');\n@y = ('${x.map((_, i) => (i > 20 ? 1 : 0)).join("','")}');\n[record]\n\n`;
    const eV = Array.from({ length: 40 }, (_, i) => 12940 + 5 * i);
    const text = `# Athena project file -- Athena version 0.8.059\n\n${group("'label','Pb','bkg_z','Pb','fft_edge','m5'", eV)}${group(
      "'label','chi','bkg_z','Pb','fft_edge','l3'",
      eV.map((_, i) => 0.05 * i),
    )}1;\n`;
    const folder = folderWith({ 'a.prj': text });
    const [lead, chi] = await readSpectrumScans(join(folder, 'a.prj'));
    expect(lead).toMatchObject({ element: 'Pb', edge: null, warnings: [expect.stringMatching(/Pb M5/u)] });
    expect(guessEdge(lead!)!.edge).toMatchObject({ element: 'Pb', edge: 'L3' });
    expect(chi!.columns.map(({ role }) => role)).toEqual(['other', 'other']);
    const said: string[] = [];
    await convertFile(join(folder, 'a.prj'), join(folder, 'b.prj'), {
      warn: (message) => said.push(message),
    });
    expect(said.join()).toMatch(/1 tables without energies/u);
    expect(await readSpectrumScans(join(folder, 'b.prj'))).toHaveLength(1);
  });

  it.each([
    [
      '; Epics Scan\n; P1 = {Energy} --> a:b\n; D1 = {I0} --> c\n; D2 = {I1} --> d\n;---\n; P1 D1 D2\n',
      ' 17000 1 1\n 17010 1 1\n',
      'APS 13 (EPICS scan)',
    ],
    [
      '# 1-D Scan File created by LabVIEW\n# Column Headings:\n#Mono Energy (alt) *  I0-32                IT\n',
      ' 17000 1 1\n 17010 1 1\n',
      'APS LabVIEW scan',
    ],
    ['#C exafs_edge_energy 17.038\n#C 1_Energy (keV) 2_i0 3_i1\n', '17.000 1 1\n17.010 1 1\n', 'APS 12-BM'],
    ['# Energy_c1   I0_KEITHLEY1_c4   I1_KEITHLEY2_c6\n', '17000 1 1\n17010 1 1\n', 'SLS PHOENIX'],
    [
      '# CLS Data Acquisition\n#(1)\t"a:Energy"\t"b:I0"\t"c:I1"\n#(1)\t"$(AbsEnergyName)"\t"$(I0)"\t"$(It)"\n',
      '17000, 1, 1\n17010, 1, 1\n',
      'CLS',
    ],
  ])('knows the names of columns in %j', async (head, rows, format) => {
    const [scan] = await readSpectrumScans(join(folderWith({ 'a.dat': head + rows }), 'a.dat'));
    expect(scan!.format).toBe(format);
    expect(scan!.columns.map(({ role }) => role)).toEqual(['energy', 'i0', 'itrans']);
  });

  it('takes channels named after a line of the element as its fluorescence', async () => {
    const rows = plainRows.map(([e, mu]) => [e!, 100, 50 + 10 * mu!, 7]);
    const { spectrum } = await fromText(table(rows, 'energy i0 Y_Ka_mca1 Fe_Ka_mca1'));
    expect(spectrum.source).toBe('fluorescence');
    expect(spectrum.mu[0]).toBeCloseTo(rows[0]![2]! / 100, 12);
  });

  it('never evaluates an Athena project', async () => {
    const text =
      "# Athena project file -- Demeter version 0.9.26\n\n$old_group = 'a';\n@args = ('label','x \\'y\\'','bkg_eshift','-1.5','bkg_nnorm','3','bkg_e0','17038','odd',['a','b'],'z',undef);\n@x = ('17000','17040','17080');\n@y = ('0','1','1');\n[record]\n\n@journal = ('system(\"rm -rf /\")');\n1;\n";
    const [scan] = await readSpectrumScans(join(folderWith({ 'a.prj': gzipSync(text) }), 'a.prj'));
    expect(scan!.title).toBe("x 'y'");
    expect([...scan!.columns[0]!.values]).toEqual([16998.5, 17038.5, 17078.5]);
    expect(scan!.stored).toMatchObject({ degree: '2', e0_eV: '17038', shift_eV: '-1.5' });
    const broken = folderWith({ 'a.prj': text.replace("'17080');", "system('x'))") });
    await expect(readSpectrumScans(join(broken, 'a.prj'))).rejects.toThrow(InputError);
  });
});
