import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import { Cache } from '../../src/pipeline/cache.js';
import { readPipeline } from '../../src/pipeline/pipeline-file.js';
import { inThisThread } from '../../src/pipeline/pool.js';
import { runPipeline, type SourceItem } from '../../src/pipeline/run-pipeline.js';
import { type AnyStage, defineStage, type Keyed } from '../../src/pipeline/stage.js';

let folder: string;
let ran: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipeline-'));
  ran = [];
});
afterEach(() => rm(folder, { recursive: true }));

const none = v.strictObject({});
const splitScan = defineStage({
  name: 'split',
  version: 1,
  summary: '',
  needs: { scan: { product: 'scans', mode: 'each' } as { product: string; mode: 'each'; type?: number[] } },
  gives: 'frames',
  split: true,
  params: none,
  run: ({ scan }, _params, { key }) => {
    ran.push(`split ${key}`);
    return scan.map((value, index): Keyed<number> => ({ key: `${key}/${index}`, value }));
  },
});
const square = (version = 1): AnyStage =>
  defineStage({
    name: 'square',
    version,
    summary: '',
    needs: {
      frame: { product: 'frames', mode: 'each' } as { product: string; mode: 'each'; type?: number },
      scan: { product: 'scans', mode: 'parent' } as { product: string; mode: 'parent'; type?: number[] },
    },
    gives: 'squares',
    params: v.strictObject({ offset: v.optional(v.number(), 0) }),
    run: ({ frame, scan }, { offset }, context) => {
      ran.push(`square ${context.key}`);
      if (frame < 0) throw new InputError('negative counts', { path: context.key });
      if (frame === 0) context.warn('an empty frame');
      return frame ** 2 + offset + 1000 * scan.length;
    },
  });
const total = defineStage({
  name: 'total',
  version: 1,
  summary: '',
  needs: {
    scan: { product: 'scans', mode: 'each' } as { product: string; mode: 'each'; type?: number[] },
    squares: { product: 'squares', mode: 'children' } as { product: string; mode: 'children'; type?: number },
    streamed: { product: 'squares', mode: 'stream' } as { product: string; mode: 'stream'; type?: number },
  },
  gives: 'totals',
  params: none,
  run: ({ squares, streamed }, _params, { key }) => {
    ran.push(`total ${key}`);
    for (let walk = 0; walk < 2; walk++) expect([...streamed]).toEqual(squares);
    expect(streamed.at(0)).toEqual(squares[0]);
    expect(streamed.at(squares.length)).toBeUndefined();
    return squares.map(({ key: name, value }) => `${name}=${value}`).join(' ');
  },
});

async function run(scans: Record<string, number[]>, options: { version?: number; offset?: number } = {}) {
  const cache = new Cache(join(folder, 'cache'));
  const text = `name: t\nstages:\n  - stage: total\n  - stage: square\n    with: { offset: ${options.offset ?? 0} }\n  - stage: split\n`;
  const pipeline = readPipeline(text, 'p.yaml', [splitScan, square(options.version), total], ['scans']);
  const sources = Object.entries(scans).map(
    ([key, value]): SourceItem => ({ key, value, hash: JSON.stringify(value) }),
  );
  ran = [];
  const outcome = await runPipeline(
    pipeline,
    { scans: sources },
    { cache, runner: inThisThread(cache), jobs: 4 },
  );
  const totals: Record<string, unknown> = {};
  for (const ref of outcome.items('totals')) totals[ref.key] = cache.load(ref);
  return { totals, problems: outcome.problems, steps: outcome.steps };
}

describe('running a pipeline', () => {
  it('carries items through the hierarchy of keys', async () => {
    const { totals } = await run({ a: [1, 2], b: [3] });
    expect(totals).toEqual({ a: 'a/0=2001 a/1=2004', b: 'b/0=1009' });
  });

  it('computes nothing twice, and after a change only what depends on it', async () => {
    const first = await run({ a: [1, 2], b: [3] });
    expect(ran).toHaveLength(7);
    expect((await run({ a: [1, 2], b: [3] })).totals).toEqual(first.totals);
    expect(ran).toEqual([]);
    await run({ a: [1, 2], b: [4] });
    expect(ran.sort()).toEqual(['split b', 'square b/0', 'total b']);
    await run({ a: [1, 2], b: [4] }, { offset: 1 });
    expect(ran.filter((name) => name.startsWith('split'))).toEqual([]);
    expect(ran).toHaveLength(5);
    await run({ a: [1, 2], b: [4] }, { offset: 1, version: 2 });
    expect(ran).toHaveLength(5);
  });

  it('leaves a failing item out, reports it, keeps the rest, and tries it again', async () => {
    const { totals, problems } = await run({ a: [1, -2, 0], b: [3] });
    expect(totals).toEqual({ a: 'a/0=3001 a/2=3000', b: 'b/0=1009' });
    expect(problems).toEqual([
      { stage: 'square', input: 'a/1', severity: 'error', message: 'a/1: negative counts' },
      { stage: 'square', input: 'a/2', severity: 'warning', message: 'an empty frame' },
    ]);
    const again = await run({ a: [1, -2, 0], b: [3] });
    expect(ran).toEqual(['square a/1']);
    expect(again.problems).toEqual(problems);
  });

  it('does not trust a stored value that is cut short', async () => {
    const first = await run({ a: [5] });
    for (const shelf of await readdir(join(folder, 'cache')))
      for (const name of await readdir(join(folder, 'cache', shelf)))
        if (name.endsWith('.list')) await writeFile(join(folder, 'cache', shelf, name), 'cut');
    expect((await run({ a: [5] })).totals).toEqual(first.totals);
    expect(ran).toHaveLength(3);
  });

  it('stops with one plain line when nothing can be stored any more, instead of failing item by item', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    let room = 2; // the source and the first stage
    vi.spyOn(Cache.prototype, 'store').mockImplementation(async () => {
      if (room-- > 0) return { keys: ['a'], problems: [], bytes: 0 };
      throw full;
    });
    vi.spyOn(Cache.prototype, 'load').mockReturnValue([1]);
    await expect(run({ a: [1] })).rejects.toThrow(/cache: the disk is full \(make room/);
    vi.restoreAllMocks();
  });

  it('reads one item of a run without the others, and holds none that is only walked through', async () => {
    const cache = new Cache(join(folder, 'cache'));
    const values = ['first', { rows: Float64Array.of(1, Number.NaN) }, null, [3]];
    const items = values.map((value, index) => ({ key: 'abcd'[index]!, value }));
    const { bytes } = await cache.store('ab12', items, []);
    const ref = (index: number) => ({ key: '', run: 'ab12', index });
    expect(values.map((_, index) => cache.read(ref(index)))).toEqual(values);
    expect(cache.read(ref(1))).not.toBe(cache.read(ref(1)));
    expect(cache.load(ref(1))).toBe(values[1]);
    const path = join(folder, 'cache', 'ab', 'ab12.list');
    const whole = await readFile(path);
    expect(whole.length).toBe(bytes);
    await writeFile(path, whole.subarray(0, bytes - 3));
    expect(() => cache.read(ref(3))).toThrow(/ends early/);
    expect(await cache.find('ab12')).toBeNull();
  });

  it('stores each item that a stage makes before the next is made', async () => {
    const steps: string[] = [];
    const item = (index: number): Keyed<object> => {
      steps.push(`make ${index}`);
      const value = Object.defineProperty({}, 'curve', {
        enumerable: true,
        get: () => steps.push(`store ${index}`),
      });
      return { key: `s/${index}`, value };
    };
    const many = defineStage({
      ...splitScan,
      needs: {
        scan: { product: 'scans', mode: 'each' } as { product: string; mode: 'each'; type?: number[] },
      },
      params: none,
      async *run(_inputs, _params, context) {
        for (let index = 0; index < 3; index++) yield item(index);
        context.warn('told at the end');
      },
    });
    const cache = new Cache(join(folder, 'cache'));
    const pipeline = readPipeline('name: p\nstages:\n  - stage: split\n', 'p.yaml', [many], ['scans']);
    const { items, problems } = await runPipeline(
      pipeline,
      { scans: [{ key: 's', value: [], hash: 'h' }] },
      { cache, runner: inThisThread(cache), jobs: 1 },
    );
    expect(steps).toEqual(['make 0', 'store 0', 'make 1', 'store 1', 'make 2', 'store 2']);
    expect(items('frames').map(({ key }) => key)).toEqual(['s/0', 's/1', 's/2']);
    expect(problems.map(({ message }) => message)).toEqual(['told at the end']);
  });

  it('leaves nothing behind of a list that breaks off', async () => {
    const cache = new Cache(join(folder, 'cache'));
    const broken = (function* () {
      yield { key: 'a', value: 1 };
      throw new InputError('cut short');
    })();
    await expect(cache.store('ab12', broken, [])).rejects.toThrow('cut short');
    expect(await readdir(join(folder, 'cache', 'ab'))).toEqual([]);
  });

  it('prunes only what was not used for a week', async () => {
    await run({ a: [5] });
    const cache = new Cache(join(folder, 'cache'));
    await cache.prune();
    await run({ a: [5] });
    expect(ran).toEqual([]);
    await cache.prune(Date.now() + 8 * 86_400_000);
    await run({ a: [5] });
    expect(ran).toHaveLength(3);
  });
});
