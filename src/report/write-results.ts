/**
 * Writes a result folder. Every file appears complete or not at all, and result.json comes last: where it stands,
 * all that it names stands too.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { removeAbandoned, writeFileAtomic } from '../formats/common/atomic.js';
import { toCsv } from '../formats/common/csv-table.js';
import { parseResultJson, toResultJson } from '../formats/results/result-json.js';
import { writeResultNexus } from '../formats/results/result-nexus.js';
import { resultTables } from '../formats/results/result-tables.js';
import { hashFile } from '../pipeline/hash.js';
import { type CratePart, type Provenance, roCrate } from '../pipeline/provenance.js';
import type { FigureEntry, Result, ResultBundle } from '../result.js';
import { drawAll } from './draw-all.js';
import { toPng } from './drawing/raster.js';
import type { Figure } from './figure.js';
import { figuresOf } from './figure-list.js';
import { fingerprintOf, isUpToDate } from './fingerprint.js';
import { reportPage } from './page/report-page.js';
import type { RunRecord } from './run-record.js';

/** Returns the result with its list of figures, as it stands in result.json. */
export async function writeResults(folder: string, bundle: ResultBundle, record: RunRecord): Promise<Result> {
  const fingerprint = await fingerprintOf(bundle, record);
  if (await isUpToDate(folder, fingerprint)) {
    const path = join(folder, 'result.json');
    return parseResultJson(await readFile(path, 'utf8'), path);
  }
  const { drawn, problems } = drawAll(figuresOf(bundle));
  const result: Result = {
    ...bundle.result,
    ...(problems.length > 0 ? { status: 'partial', problems: [...bundle.result.problems, ...problems] } : {}),
    figures: drawn.map(entryOf),
  };
  await prepare(folder);
  const parts: CratePart[] = [];
  const put = async (path: string, mediaType: string, description: string, data: string | Buffer) => {
    await writeFileAtomic(join(folder, path), data);
    parts.push({ path, mediaType, description, ...measure(data) });
  };
  const provenance = { ...provenanceOf(record), fingerprint };
  const nexus = join(folder, 'result.nxs');
  await writeResultNexus(nexus, { ...bundle, result });
  for (const { id, title, svg } of drawn) {
    await put(`figures/${id}.svg`, 'image/svg+xml', title, svg);
    await put(`figures/${id}.png`, 'image/png', title, await toPng(svg));
  }
  for (const table of resultTables(result))
    await put(`tables/${table.file}`, 'text/csv', table.description, toCsv(table));
  await put(
    'report.html',
    'text/html',
    'The whole result on one page',
    reportPage(result, drawn, provenance),
  );
  const json = toResultJson(result);
  parts.push({
    path: 'result.json',
    mediaType: 'application/json',
    description: 'The numbers',
    ...measure(json),
  });
  parts.push({
    path: 'result.nxs',
    mediaType: 'application/x-hdf5',
    description: 'Every curve and map, as NeXus',
    bytes: (await stat(nexus)).size,
    sha256: await hashFile(nexus),
  });
  parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  const crate = roCrate(result.sample || 'unnamed sample', provenance, parts);
  await writeFileAtomic(join(folder, 'ro-crate-metadata.json'), `${JSON.stringify(crate, null, 2)}\n`);
  await writeFileAtomic(join(folder, 'result.json'), json);
  return result;
}

/** Takes away what an earlier run has left, result.json first, so that old and new are never mixed. */
async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, 'result.json'), { force: true });
  await removeAbandoned(folder);
  for (const [inside, ours] of [
    ['figures', /\.(svg|png|pdf)$/],
    ['tables', /\.csv$/],
  ] as const) {
    await removeAbandoned(join(folder, inside));
    const names = await readdir(join(folder, inside)).catch(() => []);
    await Promise.all(names.filter((name) => ours.test(name)).map((name) => rm(join(folder, inside, name))));
  }
}

export const entryOf = ({ id, title }: Figure): FigureEntry => ({
  id,
  title,
  files: [`figures/${id}.svg`, `figures/${id}.png`],
});

const measure = (data: string | Buffer): { bytes: number; sha256: string } => ({
  bytes: Buffer.byteLength(data),
  sha256: createHash('sha256').update(data).digest('hex'),
});

function provenanceOf(record: RunRecord): Provenance {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return {
    program: {
      name: 'interphase',
      version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
    },
    experiment: record.experiment,
    // Told from the experiment's folder: the same on every machine.
    inputs: record.inputs.map(({ path, sha256 }) => ({
      path: relative(dirname(resolve(record.experiment)), resolve(path)) || path,
      sha256,
    })),
    pipeline: record.pipeline,
    stages: record.stages,
    started: record.started.toISOString(),
    finished: record.finished.toISOString(),
  };
}
