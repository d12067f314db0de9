import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { DiffractionEntry } from '../../src/experiment.js';
import { readLineScan, streamLineScan } from '../../src/formats/patterns/line-scan.js';
import { formatPattern, parsePattern, readPattern } from '../../src/formats/patterns/pattern.js';
import type { LineScanNotes } from '../../src/formats/patterns/scan-frames.js';
import { folderWith } from '../support/folder.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const angles = (text: string, wavelength?: number): number[] => [
  ...parsePattern(text, 'a.xy', wavelength ?? null).pattern.twoTheta_deg,
];

describe('a pattern in text', () => {
  it.each([
    ['spaces and comments', '# a\n10 1\n10.5 2\n11 3\n'],
    ['a line of words', 'my sample\n 10.0 1\n 10.5 2\n 11.0 3\n'],
    ['commas with names', '2theta,intensity\n10,1\n10.5,2\n11,3\n'],
    ['semicolons and decimal commas', '2theta;I\n10,0;1\n10,5;2\n11,0;3\n'],
    ['tabs and decimal commas', '10,0\t1,0\n10,5\t2,0\n11,0\t3,0\n'],
    ['spaces and decimal commas', '10,0 1,0\n10,5 2,0\n11,0 3,0\n'],
    ['Windows line ends', '10 1\r\n10.5 2\r\n11 3\r\n'],
    ['a last line cut short', '10 1\n10.5 2\n11 3\n11'],
    ['falling angles', '11 3\n10.5 2\n10 1\n'],
    ['repeated angles', '10 1\n10.5 1\n10.5 3\n11 3\n'],
    ['Fortran exponents', '1.0D+01 1\n1.05D1 2\n1.1d1 3\n'],
    ['a count above the table', '3\n10 1\n10.5 2\n11 3\n'],
    ['GSAS FXYE', 'title\nBANK 1 3 3 CONST 1000 50 0 0 FXYE\n1000 1 1\n1050 2 1\n1100 3 1\n'],
    ['GSAS ESD', 'title\nBANK 1 3 1 CONST 1000 50 0 0 ESD\n1 1 2 1 3 1\n'],
  ])('with %s', (_title, text) => {
    const { pattern } = parsePattern(text, 'a.xy');
    expect([...pattern.twoTheta_deg]).toEqual([10, 10.5, 11]);
    expect([...pattern.intensity]).toEqual([1, 2, 3]);
  });

  it('as counts in rows under first angle, step and last angle, as FullProf has them', () => {
    const counts = Array.from({ length: 51 }, (_, i) => 100 + i);
    const rows = Array.from({ length: 6 }, (_, r) => counts.slice(10 * r, 10 * r + 10).join('  '));
    const { pattern } = parsePattern(`10.0 0.1 15.0 my sample\n${rows.join('\n')}\n`, 'a.dat');
    expect(pattern.twoTheta_deg).toHaveLength(51);
    expect(pattern.twoTheta_deg[50]).toBeCloseTo(15, 9);
    expect([...pattern.intensity]).toEqual(counts);
    // a table of angle, intensity and uncertainty stays one, though its first row could be such a head
    const table = Array.from({ length: 60 }, (_, i) => `${10 + i} 1 ${100 + i}`).join('\n');
    expect(parsePattern(table, 'a.xye').pattern.twoTheta_deg).toHaveLength(60);
  });

  it('as GSAS STD, fields of two and six characters, averaged over detectors', () => {
    const text =
      'title\nBANK 1 12 2 CONST 1000 5 0 0 STD\n' +
      ' 4   100     121     144     169     196     225     256     289     324   361.5\n     400     441\n';
    const { pattern } = parsePattern(text, 'a.gsa');
    expect([...pattern.intensity].slice(0, 2)).toEqual([100, 121]);
    expect(pattern.intensity[9]).toBe(361.5);
    expect(pattern.intensity).toHaveLength(12);
    expect([...pattern.sigma!.slice(0, 2)]).toEqual([5, 11]);
    expect(pattern.twoTheta_deg[11]).toBeCloseTo(10.55, 9);
    expect(() => parsePattern(text.replace('121', 'abc'), 'a.gsa')).toThrow(
      /a\.gsa:3: .*number of detectors/,
    );
  });

  it('takes a third column as uncertainty unless its name says otherwise', () => {
    expect(parsePattern('10 1 1\n11 4 2\n12 9 3\n', 'a.xye').pattern.sigma?.[2]).toBe(3);
    expect(parsePattern('tth,I,background\n10,1,1\n11,4,2\n12,9,3\n', 'a.csv').pattern.sigma).toBeNull();
    expect(
      parsePattern('tth,obs,calc,sigma\n10,1,9,1\n11,4,9,2\n12,9,9,3\n', 'a.csv').pattern.sigma?.[1],
    ).toBe(2);
    expect(parsePattern('10 1 -1\n11 4 -2\n12 9 0\n', 'a.xye').pattern.sigma).toBeNull();
  });

  it('says so where pyFAI lost the unit, and refuses what is no angle', () => {
    const rows = '1 1\n2 2\n3 3\n';
    const lost = "# Normalization factor: 1.0\n# --> a.xy\n#{str(dim1_unit):14s}  {'I':14s}  {'sigma':14s}\n";
    expect(parsePattern(lost + rows, 'a.xy').warnings.join()).toMatch(/does not tell the unit/);
    expect(parsePattern(`#  2th_deg   I\n${rows}`, 'a.xy').warnings).toEqual([]);
    expect(() => parsePattern(`#      r_mm            I\n${rows}`, 'a.xy')).toThrow(
      /a.xy: its first column is r_mm, not an angle/,
    );
  });

  it('turns q of a pyFAI header into 2theta', () => {
    // 2theta = 2 asin(q lambda / 4 pi): q = 2 /angstrom at 1 angstrom is 18.312 deg
    const header = '# == pyFAI calibration ==\n# Wavelength: 1e-10 m\n#       q_A^-1            I\n';
    expect(angles(`${header}1 1\n2 2\n3 3\n`)[1]).toBeCloseTo(
      2 * Math.asin(1 / (2 * Math.PI)) * (180 / Math.PI),
      10,
    );
    expect(angles(`${header.replace('q_A', 'q_nm')}10 1\n20 2\n30 3\n`)[1]).toBeCloseTo(18.312, 2);
    expect(() => angles('# q_A^-1 I\n1 1\n2 2\n3 3\n')).toThrow(/needs the wavelength/u);
    expect(parsePattern(`${header}1 1\n2 2\n3 3\n`, 'a.xy').wavelength_A).toBeCloseTo(1, 12);
  });

  it.each([
    ['', /no table|empty/u],
    ['only words\n', /no table/u],
    ['10\n11\n12\n', /1 column where at least 2/u],
    ['10 1\n11 x\n12 3\n', /'11 x' is not a row/u],
    ['10 1\n11 2 3\n12 3\n13 3\n', /3 values where the other rows have 2/u],
    ['1 1\n2 1\n500 2\n', /cannot be 2theta/u],
    ['nan 1\nnan 2\nnan 2\n', /0 rows with an angle/u],
    ['10 1\n10 2\n10 2\n', /all its angles are equal/u],
  ])('refuses %j', (text, message) => {
    expect(() => parsePattern(text, 'a.xy')).toThrow(message);
    expect(() => parsePattern(text, 'a.xy')).toThrow(InputError);
  });

  it('comes back from what it wrote', () => {
    const numbers = fc.array(fc.tuple(fc.integer({ min: 1, max: 17999 }), fc.integer({ min: 0, max: 1e6 })), {
      minLength: 3,
      maxLength: 40,
    });
    fc.assert(
      fc.property(numbers, fc.boolean(), fc.boolean(), (rows, csv, withSigma) => {
        const unique = [...new Map(rows)].sort((a, b) => a[0] - b[0]);
        fc.pre(unique.length >= 3);
        const pattern = {
          label: 'a',
          twoTheta_deg: Float64Array.from(unique, ([angle]) => angle / 100),
          intensity: Float64Array.from(unique, ([, counts]) => counts / 7),
          sigma: withSigma ? Float64Array.from(unique, ([, counts]) => Math.sqrt(counts + 1)) : null,
        };
        const back = parsePattern(formatPattern(pattern, csv), 'a').pattern;
        expect([...back.twoTheta_deg]).toEqual([...pattern.twoTheta_deg]);
        for (const [i, value] of back.intensity.entries())
          expect(value).toBeCloseTo(pattern.intensity[i]!, 5);
        expect(back.sigma === null).toBe(!withSigma);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describeReal('the PbSO4 pattern', () => {
  it('has 3601 points with its strongest line at 29.65 deg', () => {
    const { pattern, warnings } = readPattern(join(sharedData, 'xrd/ed-16.dat'));
    const top = pattern.intensity.indexOf(Math.max(...pattern.intensity));
    expect(pattern.intensity.length).toBe(3601);
    expect([pattern.twoTheta_deg[top], pattern.intensity[top]]).toEqual([29.65, 15702]);
    expect(pattern.sigma?.[0]).toBeCloseTo(Math.sqrt(179), 3);
    expect(warnings).toEqual([]);
  });
});

describe('a line scan', () => {
  const entry = (
    folder: string,
    names: string[],
    positions: DiffractionEntry['positions'],
  ): DiffractionEntry => ({
    name: 'scan',
    source: { files: names.map((name) => join(folder, name)) },
    wavelength_A: 1.2398,
    integration: 'mean-per-pixel',
    beam_um: 2,
    positions,
    phases: [{ name: 'In' }],
    dopant: null,
    line: 1,
  });
  const table = '10 1\n11 2\n12 3\n';
  const notebook = (): LineScanNotes & { said: string[] } => {
    const said: string[] = [];
    return {
      said,
      warn: (m, i) => said.push(`warn ${i}: ${m}`),
      error: (m, i) => said.push(`error ${i}: ${m}`),
    };
  };

  it('keeps the place of a frame that cannot be read', async () => {
    const folder = folderWith({ 's_1.xy': table, 's_2.xy': 'rubbish', 's_3.xy.gz': gzipSync(table) });
    const notes = notebook();
    const scan = await readLineScan(
      entry(folder, ['s_1.xy', 's_2.xy', 's_3.xy.gz'], { start_um: 10, step_um: -2 }),
      notes,
    );
    expect([...scan.positions_um]).toEqual([10, 8, 6]);
    expect(scan.patterns.map(({ intensity }) => intensity[0])).toEqual([1, Number.NaN, 1]);
    expect(notes.said).toEqual([expect.stringMatching(/^error s_2\.xy: .*no table/u)]);
    const bad = entry(folder, ['s_2.xy'], null);
    await expect(readLineScan(bad, notes)).rejects.toThrow(/none of its 1 patterns/u);
  });

  it('is read one pattern at a time, and waits for the first good one', async () => {
    const names = ['s_1.xy', 's_2.xy', 's_3.xy', 's_4.xy'];
    const folder = folderWith({ 's_1.xy': 'rubbish', 's_2.xy': table, 's_3.xy': table, 's_4.xy': table });
    const notes = notebook();
    const stream = streamLineScan(entry(folder, names, { start_um: 0, step_um: 1 }), notes);
    const next = async () => (await stream.next()).value!.pattern.intensity[0];
    expect(await next()).toBeNaN();
    writeFileSync(join(folder, 's_3.xy'), table.replace('10 1', '10 7'));
    expect(await next()).toBe(1);
    writeFileSync(join(folder, 's_4.xy'), table.replace('10 1', '10 8'));
    expect([await next(), await next()]).toEqual([7, 8]);
    expect(notes.said).toEqual([]);
    expect((await stream.next()).done).toBe(true);
    expect(notes.said.join()).toMatch(/^error s_1\.xy: .*no table/u);
  });

  it('leaves the place of a lost file empty', async () => {
    const names = ['s_1.xy', 's_2.xy', 's_4.xy', 's_5.xy'];
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, table])));
    const notes = notebook();
    const scan = await readLineScan(entry(folder, names, { start_um: 0, step_um: 2 }), notes);
    expect([...scan.positions_um]).toEqual([0, 2, 4, 6, 8]);
    expect(scan.patterns[2]?.intensity[0]).toBeNaN();
    expect(notes.said.join()).toMatch(/s_3\.xy.*missing/u);
  });

  it('follows positions.csv in order and rows', async () => {
    const csv = 'file,position_um,row\nb.xy,0,1\na.xy,2,1\nc.xy,0,2\nlost.xy,2,2\n';
    const folder = folderWith({ 'a.xy': table, 'b.xy': table, 'c.xy': table, 'd.xy': table, 'p.csv': csv });
    const notes = notebook();
    const scan = await readLineScan(
      entry(folder, ['a.xy', 'b.xy', 'c.xy', 'd.xy'], { file: join(folder, 'p.csv') }),
      notes,
    );
    expect(scan.patterns.map(({ label }) => label)).toEqual(['b', 'a', 'c', 'lost.xy']);
    expect([...scan.rows]).toEqual([0, 0, 1, 1]);
    expect(notes.said.join('\n')).toMatch(/error d\.xy: has no position/u);
    expect(notes.said.join('\n')).toMatch(/error lost\.xy: the frame is missing/u);
  });

  it.each([
    ['name,where\n', /needs the columns/u],
    ['file,position\na.xy,1\n', /does not say its unit/u],
    ['file,position_um\na.xy,here\n', /no file name or no position/u],
    ['file,position_um\na.xy,1\na.xy,2\n', /twice/u],
    ['file,position_um\nz.xy,1\n', /none of the files/u],
  ])('refuses the positions %j', async (csv, message) => {
    const folder = folderWith({ 'a.xy': table, 'p.csv': csv });
    await expect(
      readLineScan(entry(folder, ['a.xy'], { file: join(folder, 'p.csv') }), notebook()),
    ).rejects.toThrow(message);
  });
});
