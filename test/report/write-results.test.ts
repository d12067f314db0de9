import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finiteOnly } from '../../src/formats/results/result-json.js';
import { readResults } from '../../src/report/read-results.js';
import { redrawFigures, rewriteReport } from '../../src/report/redraw.js';
import type { RunRecord } from '../../src/report/run-record.js';
import { writeResults } from '../../src/report/write-results.js';
import { emptyBundle, smallBundle, variants } from '../support/bundle.js';

const record: RunRecord = {
  experiment: 'experiment.yaml',
  inputs: [{ path: 'uxrd/scan_001.xye', sha256: 'cd'.repeat(32) }],
  pipeline: 'pipelines/kim2024.yaml',
  stages: [{ stage: 'fit', version: 1, params: {}, runs: 30, fromCache: 0, failed: 0, milliseconds: 5 }],
  started: new Date('2026-01-01T00:00:00Z'),
  finished: new Date('2026-01-01T00:00:05Z'),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interphase-results-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const bundle = smallBundle;

describe('result folder', () => {
  it('holds numbers, curves, tables, figures, report and provenance, and reads back as it was written', async () => {
    const dir = join(folder, 'whole');
    const result = await writeResults(dir, bundle(), record);
    expect(await readdir(dir)).toEqual(
      expect.arrayContaining([
        'result.json',
        'result.nxs',
        'report.html',
        'ro-crate-metadata.json',
        'figures',
        'tables',
      ]),
    );
    for (const { files } of result.figures)
      for (const file of files) expect((await stat(join(dir, file))).size).toBeGreaterThan(500);
    const back = await readResults(dir);
    const { result: numbers, ...arrays } = back;
    const { result: _, ...expected } = bundle();
    expect(arrays).toEqual(expected);
    expect(numbers).toEqual(finiteOnly(result));
    expect((await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('tells the sha256 of every file in the RO-Crate, and what the run read', async () => {
    const dir = join(folder, 'crate');
    await writeResults(dir, bundle(), record);
    const crate = JSON.parse(await readFile(join(dir, 'ro-crate-metadata.json'), 'utf8')) as {
      '@graph': Record<string, unknown>[];
    };
    const entity = (id: string) => crate['@graph'].find((one) => one['@id'] === id);
    expect(entity('ro-crate-metadata.json')).toMatchObject({
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
    });
    const parts = (entity('./') as { hasPart: { '@id': string }[] }).hasPart.map((part) => part['@id']);
    expect(parts).toEqual(
      expect.arrayContaining(['result.json', 'result.nxs', 'report.html', 'tables/spectra.csv']),
    );
    for (const id of parts) {
      const data = await readFile(join(dir, id));
      expect(entity(id)?.sha256, id).toBe(createHash('sha256').update(data).digest('hex'));
    }
    expect(JSON.stringify(crate)).toContain(record.inputs[0]!.sha256);
  });

  it('leaves the folder alone when nothing is new, and makes it whole again when a file is missing', async () => {
    const dir = join(folder, 'twice');
    const first = await writeResults(dir, bundle(), record);
    const before = (await stat(join(dir, 'report.html'))).mtimeMs;
    const later = { ...record, started: new Date(), finished: new Date() };
    expect(await writeResults(dir, bundle(), later)).toEqual(finiteOnly(first));
    expect((await stat(join(dir, 'report.html'))).mtimeMs).toBe(before);
    await rm(join(dir, 'figures/x-profile.svg'));
    await writeResults(dir, bundle(), later);
    expect((await stat(join(dir, 'figures/x-profile.svg'))).size).toBeGreaterThan(500);
  });

  it('takes away figures and tables of an earlier result that the new one has not', async () => {
    const dir = join(folder, 'smaller');
    await writeResults(dir, bundle(), record);
    await writeFile(join(dir, 'notes.txt'), 'mine');
    const { lineScans: _, ...rest } = bundle();
    await writeResults(dir, { ...rest, lineScans: [], result: { ...rest.result, lineScans: [] } }, record);
    expect(await readdir(join(dir, 'figures'))).not.toContain('uxrd-contour.svg');
    expect(await readdir(join(dir, 'tables'))).not.toContain('patterns.csv');
    expect(await readdir(dir)).toContain('notes.txt');
  });

  it.each(['empty', 'nothing but NaN', 'arrays without length', 'hostile labels'])(
    'can be written and read: %s',
    async (name) => {
      const dir = join(folder, name.replaceAll(' ', '-'));
      const result = await writeResults(dir, variants[name]!(), record);
      expect(result.problems.filter(({ stage }) => stage === 'figures')).toEqual([]);
      const { result: _, ...expected } = variants[name]!();
      const { result: __, ...arrays } = await readResults(dir);
      if (name === 'empty' || name === 'hostile labels')
        expect(withoutNul(arrays)).toEqual(withoutNul(expected));
      else expect(arrays.lineScans.length).toBe(expected.lineScans.length);
    },
  );

  it('redraws from what is stored, the same bytes, and in other formats', async () => {
    const dir = join(folder, 'redraw');
    await writeResults(dir, bundle(), record);
    const before = await readFile(join(dir, 'figures/x-profile.svg'));
    await rm(join(dir, 'figures'), { recursive: true });
    const [path] = await redrawFigures(dir, 'svg', ['x-profile']);
    expect(await readFile(path!)).toEqual(before);
    const [pdf] = await redrawFigures(dir, 'pdf', ['uxrd-contour']);
    expect((await readFile(pdf!)).toString('latin1')).toMatch(/^%PDF-1\.4[\s\S]*%%EOF\n$/);
    const report = await readFile(join(dir, 'report.html'), 'utf8');
    await rewriteReport(dir);
    expect(await readFile(join(dir, 'report.html'), 'utf8')).toBe(report);
  });

  it('is refused with one plain line when it is not one', async () => {
    const dir = join(folder, 'not-a-result');
    await expect(redrawFigures(dir, 'svg')).rejects.toThrow(/not-a-result: no result\.json in this folder/);
    await writeResults(dir, emptyBundle(), record);
    await expect(redrawFigures(dir, 'svg', ['x-profil'])).rejects.toThrow(
      "no figure 'x-profil' in this result",
    );
    await writeFile(join(dir, 'result.json'), '{"schema": "interphase-result/9"}');
    await expect(rewriteReport(dir)).rejects.toThrow('interphase-result/9');
    await writeFile(join(dir, 'result.json'), 'nonsense');
    await expect(rewriteReport(dir)).rejects.toThrow('result.json: is not valid JSON');
  });
});

/** HDF5 strings end at NUL: labels lose it. */
const withoutNul = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', ''));
