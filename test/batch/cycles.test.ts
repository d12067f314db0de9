import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/batch/manifest.js';
import { type Summary, writeSummary } from '../../src/batch/summary.js';
import { summaryTable } from '../../src/cli/summary-table.js';
import type { LineScanResult } from '../../src/result.js';
import { lineScanParts } from '../support/bundle.js';
import { folderWith } from '../support/folder.js';

interface Sample {
  cycles: number | null;
  scans?: { thickness: number; x: number }[];
  mapThickness?: number | null;
}

const grown = (cycles: number): number => 50 * (1 - Math.exp(-cycles / 200));
const series = (...cycles: number[]): Record<string, Sample> =>
  Object.fromEntries(
    cycles.map((n) => [
      `c${n}`,
      { cycles: n, scans: [{ thickness: grown(n), x: 0.2 }], mapThickness: grown(n) + 4 },
    ]),
  );

/** A batch that has run: a folder with the result of each sample. */
function finished(samples: Record<string, Sample>): { folder: string; manifest: Manifest } {
  const scanOf = ({ thickness, x }: { thickness: number; x: number }, i: number): LineScanResult => ({
    ...lineScanParts().result,
    name: `line ${i + 1}`,
    aei: {
      present: true,
      delta_bic: 50,
      x: { value: x, sigma: 0.01, interval95: [x - 0.02, x + 0.02] },
      thickness_um: { value: thickness, sigma: 1, interval95: [thickness - 2, thickness + 2] },
    },
  });
  const files = Object.entries(samples).flatMap(([name, { cycles, scans = [], mapThickness }]) => {
    const thickness = mapThickness == null ? null : { mean: mapThickness, sigma: 0.8 };
    const result = {
      sample: name,
      ...(cycles === null ? {} : { cycles }),
      problems: [],
      lineScans: scans.map(scanOf),
      maps: [{ name: 'xrf', aei_thickness_um: thickness, statements: [] }],
    };
    return [
      [`${name}/result.json`, JSON.stringify(result)],
      [`${name}/status.json`, JSON.stringify({ state: 'done', message: null })],
    ];
  });
  const folder = folderWith(Object.fromEntries(files) as Record<string, string>);
  const tasks = Object.keys(samples).map((name) => ({ name, experiment: name, out: join(folder, name) }));
  return { folder, manifest: { schema: 'interphase-batch/1', pipeline: null, tasks } };
}

const summaryOf = (folder: string): Summary =>
  JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
const cycleFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('cycle-'))
    .sort();

describe('a batch of samples that were cycled', () => {
  it('gives thickness by each method and x against cycles, with their courses, as tables and figure', async () => {
    const { folder, manifest } = finished(series(1000, 50, 100, 500, 200));
    await writeSummary(folder, manifest);
    const { cycle_series: found, experiments } = summaryOf(folder);
    expect(experiments[0]!.cycles).toBe(1000);
    expect(found!.map(({ quantity, method, unit }) => [quantity, method, unit])).toEqual([
      ['thickness', 'XRD', 'um'],
      ['thickness', 'XRF', 'um'],
      ['x', 'XRD', ''],
    ]);
    const [byXrd, byXrf, x] = found!;
    expect(byXrd!.points.map(({ cycles }) => cycles)).toEqual([50, 100, 200, 500, 1000]);
    const saturating = byXrd!.fits.find(({ model }) => model === 'saturating')!;
    expect(saturating.plateau.value).toBeCloseTo(50, 3);
    expect(saturating.cycles!.value).toBeCloseTo(200, 1);
    expect(saturating.plateau.sigma).toBeGreaterThan(0.3);
    expect(saturating.plateau.sigma).toBeLessThan(3);
    expect(byXrf!.points[0]!.value).toEqual({ value: grown(50) + 4, sigma: 0.8 });
    expect(x!.fits[0]).toMatchObject({ model: 'constant', plateau: { value: expect.closeTo(0.2, 6) } });
    expect(cycleFiles(folder)).toEqual([
      'cycle-fits.csv',
      'cycle-series.csv',
      'cycle-series.png',
      'cycle-series.svg',
    ]);
    const points = readFileSync(join(folder, 'cycle-series.csv'), 'utf8').trim().split('\r\n');
    expect(points).toHaveLength(1 + 15);
    expect(points[0]).toBe('quantity,method,unit,experiment,cycles,value,sigma,aei_present');
    expect(points[5]).toBe(`thickness,XRD,um,c1000,1000,${grown(1000)},1,true`);
    expect(readFileSync(join(folder, 'cycle-fits.csv'), 'utf8')).toMatch(/thickness,XRD,um,saturating,/);
    const svg = readFileSync(join(folder, 'cycle-series.svg'), 'utf8');
    for (const words of ['thickness (µm), XRD', 'thickness (µm), XRF', 'x (In per formula unit), XRD'])
      expect(svg).toContain(words);
  });

  it('is named at the end of the table', async () => {
    const { folder, manifest } = finished(series(50, 100, 500, 1000));
    const table = summaryTable(await writeSummary(folder, manifest), folder);
    expect(table).toMatch(/thickness by XRD: saturating, 50\.0+ ± \S+ um, 63 % of it after \d+ ± \d+ cycles/);
    expect(table).toMatch(/x by XRD: constant, 0\.20/);
    expect(table).toMatch(/cycle-series\.csv.*cycle-series\.svg/);
  });

  it('is no series with fewer than three, and leaves nothing of an earlier one', async () => {
    const { folder, manifest } = finished({ ...series(50, 100, 500), fresh: { cycles: null } });
    await writeSummary(folder, manifest);
    expect(cycleFiles(folder)).toHaveLength(4);
    const fewer = { ...manifest, tasks: manifest.tasks.filter(({ name }) => name !== 'c100') };
    const table = summaryTable(await writeSummary(folder, fewer), folder);
    expect(cycleFiles(folder)).toEqual([]);
    expect(summaryOf(folder)).not.toHaveProperty('cycle_series');
    expect(table).not.toContain('cycle');
    expect(existsSync(join(folder, 'summary.csv'))).toBe(true);
  });

  it('counts a map once where a sample has several line scans, and lists samples without a value', async () => {
    const samples = series(0, 50, 100, 500);
    samples.c100!.scans!.push({ thickness: grown(100) + 1, x: 0.21 });
    samples.c0 = { cycles: 0, scans: [], mapThickness: null };
    const { folder, manifest } = finished(samples);
    await writeSummary(folder, manifest);
    const [byXrd, byXrf] = summaryOf(folder).cycle_series!;
    expect(byXrd!.points.map(({ sample }) => sample)).toEqual([
      'c0',
      'c50/line 1',
      'c100/line 1',
      'c100/line 2',
      'c500/line 1',
    ]);
    expect(byXrd!.points[0]!.value).toBeNull();
    expect(byXrd!.statements.join(' ')).toMatch(/1 of 5 samples have no thickness/);
    expect(byXrf!.points.map(({ sample }) => sample)).toEqual(['c0', 'c50', 'c100', 'c500']);
  });

  it('leaves out a quantity that nobody measured', async () => {
    const samples = series(50, 100, 500);
    for (const sample of Object.values(samples)) sample.mapThickness = null;
    const { folder, manifest } = finished(samples);
    await writeSummary(folder, manifest);
    expect(summaryOf(folder).cycle_series!.map(({ method }) => method)).toEqual(['XRD', 'XRD']);
    for (const sample of Object.values(samples)) sample.scans = [];
    const nothing = finished(samples);
    await writeSummary(nothing.folder, nothing.manifest);
    expect(cycleFiles(nothing.folder)).toEqual([]);
  });
});
