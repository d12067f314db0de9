import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SummaryRow } from '../../src/batch/summary-row.js';
import { interphase, program } from '../support/cli.js';
import { type SlurmCluster, slurmMissing, startSlurm } from '../support/slurm.js';
import { writeTinyExperiment } from '../support/tiny-experiment.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interphase-batch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

const archive = (...names: string[]): string[] =>
  names.map((name) => {
    writeTinyExperiment(join(folder, 'archive', name), `cell ${name}`);
    return join(folder, 'archive', name);
  });
const out = (...names: string[]): string => join(folder, 'out', ...names);
const summary = (): SummaryRow[] =>
  (JSON.parse(readFileSync(out('summary.json'), 'utf8')) as { experiments: SummaryRow[] }).experiments;

describe('many experiments on this machine', () => {
  it('lets one fail without harm to the rest, and sums all up', () => {
    const paths = archive('a', 'b', 'c');
    writeFileSync(join(paths[1], 'experiment.yaml'), 'sample: b\nspectrum:\n  - { file: point.xdi }\n');
    const { status, stdout, stderr } = interphase([
      'batch',
      ...paths,
      join(folder, 'absent'),
      '--out',
      out(),
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/b: failed: .*experiment\.yaml:2: .*spectra/);
    expect(stdout).toContain('summary.csv');
    expect(summary().map(({ experiment, state }) => [experiment, state])).toEqual([
      ['a', 'done'],
      ['b', 'failed'],
      ['c', 'done'],
      ['absent', 'failed'],
    ]);
    expect(readFileSync(out('summary.csv'), 'utf8').split('\n')).toHaveLength(6);
    expect(existsSync(out('a', 'report.html'))).toBe(true);
  });

  it('resumes: runs only what is new, changed or failed', () => {
    const paths = archive('a', 'b');
    interphase(['batch', ...paths, '--out', out()]);
    const finished = (name: string): string =>
      (JSON.parse(readFileSync(out(name, 'status.json'), 'utf8')) as { finished: string }).finished;
    const before = [finished('a'), finished('b')];
    const later = new Date(Date.now() + 5000);
    utimesSync(join(paths[1], 'point.xdi'), later, later);
    const { status, stderr } = interphase(['batch', ...paths, ...archive('d'), '--out', out()]);
    expect(status).toBe(0);
    expect(stderr).toContain('a: finished before');
    expect(finished('a')).toBe(before[0]);
    expect(finished('b')).not.toBe(before[1]);
    expect(summary()).toHaveLength(3);
  });

  it('killed at any moment, leaves nothing half-written and goes on', async () => {
    const paths = archive('a', 'b', 'c', 'd', 'e');
    for (const wait_ms of [700, 1500, 2500]) {
      const child = spawn(process.execPath, [program, 'batch', ...paths, '--out', out(), '--jobs', '2'], {
        detached: true,
        stdio: 'ignore',
      });
      await sleep(wait_ms);
      process.kill(-(child.pid as number), 'SIGKILL');
      await sleep(100);
      if (existsSync(out()))
        for (const name of readdirSync(out()).filter(
          (entry) => statSync(out(entry)).isDirectory() && existsSync(out(entry, 'result.json')),
        ))
          expect(() => JSON.parse(readFileSync(out(name, 'result.json'), 'utf8'))).not.toThrow();
    }
    const { status } = interphase(['batch', ...paths, '--out', out()]);
    expect(status).toBe(0);
    expect(summary().map(({ state }) => state)).toEqual(Array(5).fill('done'));
  });

  it('gives experiments of the same folder name folders of their own', () => {
    mkdirSync(join(folder, 'archive'), { recursive: true });
    const paths = archive('2023/cell', '2024/cell');
    expect(interphase(['batch', ...paths, '--out', out()]).status).toBe(0);
    expect(summary().map(({ experiment }) => experiment)).toEqual(['2023-cell', '2024-cell']);
  });

  it('does nothing, with status 2, when no experiment can be used', () => {
    expect(interphase(['batch', join(folder, 'x'), '--out', out()]).status).toBe(2);
  });
});

const missing = slurmMissing();
describe.skipIf(missing)(`many experiments on a cluster${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let cluster: SlurmCluster;
  beforeEach(async () => {
    cluster = await startSlurm();
  }, 60_000);
  afterEach(() => cluster.close());

  it('runs them as a job array, reports a failure, and resumes', () => {
    const paths = archive('a', 'b', 'c');
    writeFileSync(join(paths[2], 'point.xdi'), '');
    const first = interphase(['batch', ...paths, '--out', out(), '--engine', 'slurm'], { env: cluster.env });
    expect(first.stderr).toContain('a: done');
    expect(first.status).toBe(1);
    expect(summary().map(({ state }) => state)).toEqual(['done', 'done', 'failed']);
    writeTinyExperiment(paths[2], 'cell c');
    const second = interphase(['batch', ...paths, '--out', out(), '--engine', 'slurm'], { env: cluster.env });
    expect(second.stderr).toContain('a: finished before');
    expect(second.status).toBe(0);
  });
});
