import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openOutputFolder,
  produceFileAtomic,
  produceFolderAtomic,
  removeAbandoned,
  writeFileAtomic,
} from '../../src/formats/common/atomic.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interphase-atomic-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('atomic writing', () => {
  it('makes the folder, replaces a file as a whole and leaves nothing else', async () => {
    const path = join(folder, 'a/b/file.txt');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, Buffer.from('second'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['file.txt']);
  });

  it('keeps the old file when the new one cannot be made', async () => {
    const path = join(folder, 'file.txt');
    await writeFileAtomic(path, 'old');
    const failing = produceFileAtomic(path, async (temporary) => {
      await writeFile(temporary, 'half of the n');
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['file.txt']);
  });

  it('never lets a reader see a part of it, with many writers at once', async () => {
    const path = join(folder, 'file.txt');
    const text = (n: number): string => `${n}`.repeat(50_000);
    await Promise.all(Array.from({ length: 8 }, (_, n) => writeFileAtomic(path, text(n))));
    const found = await readFile(path, 'utf8');
    expect(found).toBe(text(Number(found[0])));
    expect(await readdir(folder)).toEqual(['file.txt']);
  });

  it('replaces a folder as a whole, or not at all', async () => {
    const path = join(folder, 'set');
    const fill = (name: string) => (temporary: string) => writeFile(join(temporary, name), name);
    await produceFolderAtomic(path, fill('one'));
    await produceFolderAtomic(path, fill('two'));
    expect(await readdir(path)).toEqual(['two']);
    await expect(
      produceFolderAtomic(path, async (temporary) => {
        await fill('three')(temporary);
        throw new Error('interrupted');
      }),
    ).rejects.toThrow('interrupted');
    expect(await readdir(path)).toEqual(['two']);
    expect(await readdir(folder)).toEqual(['set']);
  });

  it('clears up after writers that were killed, and after no others', async () => {
    const dead = Number(execFileSync('sh', ['-c', 'echo $$']).toString());
    await mkdir(join(folder, `.set.${dead}.01234567.tmp`));
    await writeFile(join(folder, `.result.json.${dead}.89abcdef.tmp`), 'half');
    await writeFile(join(folder, `.result.json.${process.pid}.89abcdef.tmp`), 'being written');
    await writeFile(join(folder, '.hidden.tmp'), 'not ours');
    await removeAbandoned(folder);
    expect((await readdir(folder)).sort()).toEqual(
      ['.hidden.tmp', `.result.json.${process.pid}.89abcdef.tmp`].sort(),
    );
    await removeAbandoned(join(folder, 'not-there'));
  });

  it('opens a folder for results, or says in plain words why not', async () => {
    const inside = join(folder, 'new', 'results');
    await openOutputFolder(inside);
    expect(await readdir(inside)).toEqual([]);
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    for (const path of [file, join(file, 'below')])
      await expect(openOutputFolder(path)).rejects.toThrow(/a file stands where a folder is needed.*--out/u);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});
