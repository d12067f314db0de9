import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBatch } from '../../src/batch/manifest.js';
import { readExperiment } from '../../src/formats/experiment/experiment.js';
import { folderWith } from '../support/folder.js';

describe('the tasks of a batch', () => {
  it('are found as a single run finds its experiment: .yaml, .yml, or a file of another name', async () => {
    const folder = folderWith({ 'a/experiment.yaml': '', 'b/experiment.yml': '', 'c/mine.yaml': '' });
    const given = ['a', 'b', 'c/mine.yaml', 'a/', 'd'].map((name) => join(folder, name));
    const { tasks } = await planBatch(given, join(folder, 'out'), null);
    expect(tasks.map(({ experiment }) => experiment.slice(folder.length + 1))).toEqual([
      'a/experiment.yaml',
      'b/experiment.yml',
      'c/mine.yaml',
      'd/experiment.yaml',
    ]);
    expect(tasks.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('have result folders of their own, also where a name looks like a numbered one', async () => {
    const folder = folderWith({
      'x/c/experiment.yaml': '',
      'x-c/experiment.yaml': '',
      'y/c/experiment.yaml': '',
    });
    const given = ['x/c', 'y/c', 'x-c'].map((name) => join(folder, name));
    const { tasks } = await planBatch(given, join(folder, 'out'), null);
    const outs = tasks.map(({ out }) => basename(out));
    expect(new Set(outs).size).toBe(3);
    expect(outs.slice(0, 2)).toEqual(['x-c', 'y-c']);
  });
});

describe('a folder without an experiment file', () => {
  it.each(['', 'experiment.yaml'])('is told how to get one (given as %j)', (name) => {
    const folder = folderWith({ 'data.xye': '1 2' });
    expect(() => readExperiment(join(folder, name))).toThrow(
      /the folder holds no experiment\.yaml \('interphase init/u,
    );
    expect(() => readExperiment(join(folder, 'not-here', name))).toThrow(/there is no such file or folder/u);
  });
});
