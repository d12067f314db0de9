import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectFile } from '../../src/formats/inspect/inspect.js';
import { parseAssignedColumns, withAssignedRoles } from '../../src/formats/spectra/assigned-roles.js';
import { guessEdge } from '../../src/formats/spectra/guess-edge.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { type SpectrumRequest, spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import type { SpectrumScan } from '../../src/measurement.js';
import { nearestEdge } from '../../src/reference/edges.js';
import { folderWith } from '../support/folder.js';

/** A copper edge of height 1 on a falling background, with a wiggle that is no edge. */
const copper = (e: number): number =>
  0.4 - 1e-4 * (e - 8900) + (0.5 + Math.atan((e - 8982) / 2) / Math.PI) * (1 + 0.05 * Math.sin(e / 9));
const energies = Array.from({ length: 240 }, (_, i) => 8800 + 2.5 * i);
const i0 = 200_000;
const it0 = (e: number): number => i0 * Math.exp(-copper(e));
/** Behind the reference foil. */
const ir0 = (e: number): number => it0(e) * Math.exp(-0.7 * copper(e));

const rowsOf = (row: (e: number, i: number) => (number | string)[], separator = ' '): string =>
  energies.map((e, i) => row(e, i).join(separator)).join('\n');

async function read(
  text: string,
  request: Partial<SpectrumRequest> = {},
  name = 'a.dat',
): Promise<{ scan: SpectrumScan; mu: number; energy_eV: number; source: unknown; said: string[] }> {
  const path = join(folderWith({ [name]: text }), name);
  const [scan] = await readSpectrumScans(path);
  const said: string[] = [];
  const warn = (message: string): number => said.push(message);
  const spectrum = spectrumFromScan(scan!, { element: 'Cu', edge: 'K', label: 'a', path, warn, ...request });
  const last = spectrum.energy_eV.length - 1;
  return {
    scan: scan!,
    mu: spectrum.mu[last]!,
    energy_eV: spectrum.energy_eV[last]!,
    source: spectrum.source,
    said,
  };
}

const end = energies.at(-1)!;

describe('columns as beamlines name them', () => {
  it.each([
    [
      'PETRA III P65',
      `# PETRA III Extension Beamline P65\n# XAS CONTINUOUS MODE\n#enc_energy mono_energy mono_bragg VFC01 VFC02 VFC03 VFC04 T1\n${rowsOf((e) => [e, e - 1, 12, i0, it0(e), ir0(e), 0, 290])}`,
    ],
    [
      'SLS SuperXAS',
      `#posX\tSAI01-MEAN\tSAI02-MEAN\tSAI03-MEAN\tXAS-trans\tref\n#0\t0\t0\t0\t0\t0\n${rowsOf((e) => [e / 1000, i0, it0(e), ir0(e), copper(e), 0.7 * copper(e)], '\t')}`,
    ],
    [
      'CLS HXMA',
      `# CLS Data Acquisition\n# Event: readMCS\n# column 1: Event-ID\n# column 2: $(EnergyAchieved) MONO:Energy:sp\n# column 3: Idode BL1606-ID1:mcs03:fbk\n# column 4: I0 BL1606-ID1:mcs04:fbk\n# column 5: I1 BL1606-ID1:mcs05:fbk\n# column 6: I2 BL1606-ID1:mcs06:fbk\n${rowsOf((e) => [1, e, 7, i0, it0(e), ir0(e)], ', ')}`,
    ],
    [
      'CLS HXMA',
      `# CLS Data Acquisition\n#(1)\t"Event-ID"\t"MONO:Energy:sp"\t"BL1606-ID1:mcs03:fbk"\t"BL1606-ID1:mcs04:fbk"\t"BL1606-ID1:mcs05:fbk"\t"BL1606-ID1:mcs06:fbk"\n#(1)\t"Event-ID"\t"$(EnergyAchieved)"\t"$(Detector1)"\t"$(Detector2)"\t"$(Detector3)"\t"$(Detector4)"\n${rowsOf((e) => [1, e, 0, i0, it0(e), ir0(e)], ', ')}`,
    ],
    [
      'DESY fio',
      `!\n%c\n EXAFS-Scan started at 24-Nov-2004\n%d\n Col 1 CU_1  FLOAT\n Col 2 CU_1  FLOAT\n Col 3 CU_1_HHTHETA  FLOAT\n Col 4 CU_1_C1  FLOAT\n Col 5 CU_1_C2  FLOAT\n${rowsOf((e) => [e, copper(e), 12, i0, it0(e)])}`,
    ],
    [
      'NSLS EDC',
      `NSLS/X11 EDC-5.02 11-Nov-95 13:01:47 E- ENERGY=2.584GEV\nCU FOIL\n2-SI111 HC/2D= 1977.260 STPDEG=6400.\nE0= 8979.0 NREG= 3 NPTS= 240\nDETECTORSI0      I       IF      ENC\nGAINS           9       8      11       0\n${rowsOf((e) => [e, i0, it0(e), 0, 9])}`,
    ],
    [
      'NSLS XDAC',
      `# NSLS_DAC V0.9 Datafile V0\n# E0= 8979.00\n#-----\n#     Energy          I0           I          Ir\n${rowsOf((e) => [e, i0, it0(e), ir0(e)])}`,
    ],
    [
      'Elettra XAFS',
      `Project Name:\ta\nPicoam I0 gain = 10^^\t7\nMonochromator Energy (eV)=\t9100.63\n\n${rowsOf((e) => [e, e - 0.1, i0, it0(e), copper(e), ir0(e), 0.7 * copper(e), 2], '\t')}`,
    ],
    [
      'Diamond GDA',
      `# Diamond Light Source\n# Instrument: B18-CORE XAS\n# qexafs_energy\ttime\tI0\tIt\tIref\tlnI0It\tlnItIref\tFF\tFFI0\n${rowsOf((e) => [e, 1, i0, it0(e), ir0(e), copper(e), 0.7 * copper(e), 0, 0], '\t')}`,
    ],
    [
      'plain columns',
      `# Energy, Theta, XMU, FLUO, REF, FLUO_RAW, I0, I1, I2, I3\n${rowsOf((e) => [e, 13, copper(e), 0, 0.7 * copper(e), 0, i0, it0(e), ir0(e), 0])}`,
    ],
    [
      'SPEC',
      `#S 1 ascan\n#D now\n#N 5\n#L Energy  Monitor  Ioni1  Ioni2  Ioni3\n${rowsOf((e) => [e / 1000, 0, i0, it0(e), ir0(e)])}\n`,
    ],
  ])('%s: transmission of its ion chambers', async (format, text) => {
    const { scan, mu, energy_eV, source } = await read(text);
    expect(scan.format).toBe(format);
    expect(source).toBe('transmission');
    expect(energy_eV).toBeCloseTo(end, 6);
    expect(mu).toBeCloseTo(copper(end), 9);
    expect(guessEdge(scan)!.edge).toMatchObject({ element: 'Cu', edge: 'K' });
  });

  it('corrects the channels of a four-element detector by their fast and slow counts', async () => {
    const text = `XDAC V1.4 Datafile V1\nE0= 8979.00\n----\n Energy I0 It Ifch1 Ifch2 Ifslow1 Ifslow2 Iffast1 Iffast2\n${rowsOf((e) => [e, 1000, 1000, 100 + 900 * copper(e), 200, 1000, 1000, 1500, 1100])}`;
    const { mu, source } = await read(text);
    expect(source).toBe('fluorescence');
    expect(mu).toBeCloseTo(((100 + 900 * copper(end)) * 1.5 + 200 * 1.1) / 1000, 9);
  });

  it('multiplies the channels of APS 13-ID by their dead-time factors', async () => {
    const head =
      '# XDI/1.1 Epics StepScan File / 2.0\n# Column.1: Energy eV || a\n# Column.2: I0 counts || b\n# Column.3: Cu_Ka_mca1 counts\n# Column.4: Cu_Ka_mca2 counts\n# Column.5: DTFactor_mca1 counts\n# Column.6: DTFactor_mca2 counts\n# ---\n';
    const { mu, source } = await read(head + rowsOf((e) => [e, 1000, 500 * copper(e), 100, 1.25, 1.5]));
    expect(source).toBe('fluorescence');
    expect(mu).toBeCloseTo((500 * copper(end) * 1.25 + 100 * 1.5) / 1000, 9);
  });

  it('takes the sum of a line where the program made one', async () => {
    const text = `#energy I0 Cu_Ka_mca1 Sum_Cu_Ka Sum_Fe_Ka\n${rowsOf((e) => [e, 1000, 7, 500 * copper(e), 9])}`;
    expect((await read(text)).mu).toBeCloseTo((500 * copper(end)) / 1000, 9);
  });

  it('says where only the reference has the edge', async () => {
    const text = `#energy i0 i1 i2\n${rowsOf((e, i) => [e, i0, i0 * (0.8 + 1e-4 * Math.sin(i * i)), 0.8 * it0(e)])}`;
    const { scan, said } = await read(text);
    expect(said.join()).toMatch(/hardly an edge, but ln\(It\/Ir\) does: write mu: reference/u);
    expect(guessEdge(scan)).toMatchObject({ edge: { element: 'Cu', edge: 'K' }, source: 'reference' });
  });

  it('reads a calculation of FDMNES on its absolute energies', async () => {
    const rows = energies.map((e) => `${e - 8979} ${copper(e)}`).join('\n');
    const bare = await read(` 8979.000 29 1 1 0.0 = E_edge, Z, n_edge, j_edge\n Energy <xanes>\n${rows}`);
    expect(bare.scan).toMatchObject({ format: 'FDMNES', element: 'Cu', edge: 'K' });
    expect(bare.energy_eV).toBeCloseTo(end, 9);
    const convoluted = await read(`#  8979.0  1.55  15.0 = E_edge, Gamma_hole\n Energy <xanes>\n${rows}`);
    expect(convoluted.energy_eV).toBeCloseTo(end, 9);
    await expect(read(` Energy <xanes>\n${rows}`)).rejects.toThrow(/do not cover the Cu K edge/u);
  });
});

describe('columns that nothing names', () => {
  it('takes the only other column, in eV or keV', async () => {
    const bare = await read(rowsOf((e) => [e, copper(e)]));
    expect(bare.source).toEqual({ column: 'col2' });
    const keV = await read(rowsOf((e) => [(e / 1000).toFixed(4), copper(e)]));
    expect(keV.energy_eV).toBeCloseTo(end, 6);
    expect(keV.said.join()).toMatch(/taken as keV/u);
    expect((await read(`# E  Cu-foil\n${rowsOf((e) => [e, copper(e)])}`)).source).toEqual({
      column: 'Cu-foil',
    });
  });

  it('asks for the others, and proposes the ratio that one of them is', async () => {
    const text = rowsOf((e) => [e, 3, i0, it0(e), copper(e).toFixed(6), 9]);
    await expect(read(text)).rejects.toThrow(
      /column 5 is ln\(column 3\/column 4\).*columns: \{ energy: 1, i0: 3, it: 4 \}.*--columns energy=1,i0=3,it=4/u,
    );
    expect((await read(text, { columns: parseAssignedColumns('energy=1,i0=3,it=4') })).mu).toBeCloseTo(
      copper(end),
      9,
    );
  });

  it('sums several fluorescence columns that are given by number', async () => {
    const text = rowsOf((e) => [e, i0, 5, 100 * copper(e), 200 * copper(e), 700 * copper(e)]);
    const want = (1000 * copper(end)) / i0;
    for (const columns of [
      parseAssignedColumns('energy=1,i0=2,if=4-6'),
      parseAssignedColumns('energy=1,i0=2,if=4+5+6'),
      { energy: 1, i0: 2, if: [4, 5, 6] },
    ])
      expect((await read(text, { columns })).mu).toBeCloseTo(want, 9);
    for (const wrong of ['if=6-4', 'if=4+4', 'if=0-3', 'i0=2+3', 'if=', 'if=1-999999'])
      expect(parseAssignedColumns(wrong)).toBeNull();
    await expect(read(text, { columns: { energy: 1, i0: 2, if: [4, 7] } })).rejects.toThrow(
      /has 6 columns; 'columns: \{ if: 7 \}'/u,
    );
  });

  it('lets the named columns win over everything', async () => {
    const text = `#energy i0 it xmu a a\n${rowsOf((e) => [e, 1, 2, 3, 4, copper(e)])}`;
    expect((await read(text, { columns: { mu: 6 } })).mu).toBeCloseTo(copper(end), 9);
    const scan = (await read(text)).scan;
    expect(withAssignedRoles(scan, { if: [4] }, { path: 'a' }).muHint).toBe('fluorescence');
    expect(withAssignedRoles(scan, { it: 2, ir: 3 }, { path: 'a' }).muHint).toBe('reference');
    expect(() => withAssignedRoles(scan, { it: 7 }, { path: 'a' })).toThrow(/has 6 columns/u);
    expect(['energy=1', 'energy=1, it=0', 'mu=2,x=1', '', '__proto__=1'].map(parseAssignedColumns)).toEqual([
      { energy: 1 },
      null,
      null,
      null,
      null,
    ]);
  });

  it('takes two columns x and y for no map', async () => {
    const path = join(folderWith({ 'a.txt': `# X Y\n${rowsOf((e) => [e / 1000, copper(e)])}` }), 'a.txt');
    expect(await inspectFile(path)).toMatchObject({
      kind: 'spectra',
      content: { spectra: [{ likely: { element: 'Cu', edge: 'K' } }] },
    });
  });
});

describe('the edge of a scan that does not name it', () => {
  it('is the likely one among those near', () => {
    for (const [energy_eV, element, edge] of [
      [7125.7, 'Fe', 'K'], // Nd L1 at 7126 is nearer
      [3939.4, 'Sn', 'L3'], // In L2 at 3938 is nearer
      [17176.8, 'U', 'L3'],
      [5480, 'V', 'K'], // La L3 at 5483
      [5487.6, 'La', 'L3'],
      [8345, 'Ni', 'K'],
      [11919.5, 'Au', 'L3'],
    ] as const)
      expect(nearestEdge(energy_eV)).toMatchObject({ element, edge });
  });

  it('is that of the header where several elements rise', async () => {
    const nickel = (e: number): number => (e > 9100 ? 3 : 0);
    const table = rowsOf((e) => [e, copper(e) + nickel(e)]);
    const plain = (await read(`#energy mu\n${table}`)).scan;
    expect(guessEdge(plain)!.rise_eV).toBeGreaterThan(9090);
    const stated = (await read(`#E0= 8979.0\n#energy mu\n${table}`)).scan;
    expect(guessEdge(stated)).toMatchObject({ edge: { element: 'Cu', edge: 'K' } });
  });

  it('is told by none where nothing rises', async () => {
    const flat = rowsOf((e, i) => [e, 1 + 1e-3 * Math.sin(12.9898 * i * i)]);
    expect(guessEdge((await read(`#energy mu\n${flat}`)).scan)).toBeNull();
  });
});

describe('a scan that does not name its edge', () => {
  const edgeAt = (e: number, e0: number): number => 0.5 + Math.atan((e - e0) / 1.5) / Math.PI;

  it('is of the element that its fluorescence channels are named after', async () => {
    const hg = Array.from({ length: 300 }, (_, i) => 12_100 + 2.5 * i);
    // Selenium stands in the reference, 370 eV above the edge of the mercury that hardly absorbs.
    const row = (e: number): number[] => {
      const it = i0 * Math.exp(-1 - 1e-3 * edgeAt(e, 12_284));
      const counts = Math.round(1e4 * (0.2 + edgeAt(e, 12_286)));
      return [e, i0, it, it * Math.exp(-edgeAt(e, 12_658)), 2 * counts, counts, counts];
    };
    const text = `#energy I0 I1 Iref DXP12:Hg_Sum DXP12:0:Hg DXP12:1:Hg\n${hg.map((e) => row(e).join(' ')).join('\n')}`;
    const path = join(folderWith({ 'hg.dat': text }), 'hg.dat');
    const [scan] = await readSpectrumScans(path);
    const guess = guessEdge(scan!)!;
    expect([guess.edge.element, guess.edge.edge, guess.source]).toEqual(['Hg', 'L3', 'fluorescence']);
  });

  it('is never taken for an edge that it does not reach, or that no X-ray beamline scans', async () => {
    const emission = Array.from({ length: 100 }, (_, i) => 7036 + 0.4 * i);
    const line = emission.map((e) => `${e} ${Math.exp(-(((e - 7058) / 3) ** 2))}`).join('\n');
    const spectrum = Array.from({ length: 300 }, (_, i) => 0.1 * (i + 1));
    const xrf = spectrum.map((e) => `${e} ${Math.round(1e4 * edgeAt(20 * e, 150))}`).join('\n');
    for (const [name, table] of [
      ['xes.csv', `energy,intensity\n${line.replaceAll(' ', ',')}`],
      ['xrf.dat', `# energy counts\n${xrf}`],
    ] as const) {
      const [scan] = await readSpectrumScans(join(folderWith({ [name]: table }), name));
      expect(guessEdge(scan!)).toBeNull();
    }
  });
});

describe('files of Athena', () => {
  it('name element and edge, and a stddev that is not there', async () => {
    const text = `# Athena data file -- Athena version 0.8.056\n# Saving x as normalized mu(E)\n# .  Element=Cu   Edge=K\n#------------------------\n#  energy norm bkg_norm der_norm stddev\n${rowsOf((e) => [e, copper(e), 1, 0])}`;
    const { scan, mu, source } = await read(text);
    expect([scan.element, scan.edge, source]).toEqual(['Cu', 'K', { column: 'norm' }]);
    expect(mu).toBeCloseTo(copper(end), 9);
  });

  it('are read as XDI in spite of an object in the header', async () => {
    const text = `# XDI/1.0  Demeter/0.9.13\n# Demeter::Data=HASH(0xae7b69c)\n# Athena.element:  Cu\n# Athena.edge:  k\n# Column.1: energy eV\n# Column.2: norm\n# ///\n# x\n# ---\n# energy norm\n${rowsOf((e) => [e, copper(e)])}`;
    const { scan } = await read(text, {}, 'a.e');
    expect([scan.element, scan.edge]).toEqual(['Cu', 'K']);
    expect(scan.warnings.join()).toContain('line 2 of the header is a slip of Demeter');
    await expect(read(text.replace('(0x', '(x'), {}, 'a.e')).rejects.toThrow(/a\.e:2: .*not an XDI field/u);
  });
});
