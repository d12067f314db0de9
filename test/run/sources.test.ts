import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExperiment } from '../../src/formats/experiment/experiment.js';
import { sourcesOf } from '../../src/run/sources.js';
import { interphase } from '../support/cli.js';
import { folderWith } from '../support/folder.js';
import { writeTinyExperiment } from '../support/tiny-experiment.js';

const spectrum = (label: string, edge: string): string =>
  `  - { file: a.xdi, edge: ${edge}, label: "${label}" }\n`;

describe('sources of a run', () => {
  it('have keys of their own, whatever the labels', async () => {
    const folder = folderWith({
      'a.xdi': 'x',
      'experiment.yaml': `spectra:\n${spectrum('LYC', 'Cl K')}${spectrum('LYC', 'Y K')}${spectrum('Li/In', 'Cl K')}`,
    });
    const { products } = await sourcesOf(readExperiment(folder));
    const keys = products['spectrum-files'].map(({ key }) => key);
    expect(keys).toEqual(['LYC (Cl K)', 'LYC (Y K)', 'Li∕In']);
  });

  it('name every file with its hash: the data, the experiment file, and what the caller adds', async () => {
    const folder = folderWith({
      'a.xdi': 'x',
      'my.yaml': 'name: mine',
      'experiment.yaml': `spectra:\n${spectrum('P', 'Cl K')}`,
    });
    const { files } = await sourcesOf(readExperiment(folder), [join(folder, 'my.yaml')]);
    const expected = ['a.xdi', 'experiment.yaml', 'my.yaml'].map((name) => join(folder, name));
    expect(files.map(({ path }) => path)).toEqual(expected);
    for (const { path, sha256 } of files)
      expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  });

  it('may be called anything: slashes and markup in a label reach the result as they are', () => {
    const folder = folderWith({});
    writeTinyExperiment(folder, '"../<b>&"');
    const yaml = join(folder, 'experiment.yaml');
    const label = '../Li/In <b> 測試';
    const text = readFileSync(yaml, 'utf8').replace('label: P5', `label: "${label}"`);
    const odd = folderWith({ 'experiment.yaml': text, 'point.xdi': readFileSync(join(folder, 'point.xdi')) });
    const { status, stdout } = interphase(['run', odd, '--json', '--quiet', '--jobs', '1']);
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { sample: string; spectra: { label: string }[] };
    expect([result.sample, result.spectra[0]!.label]).toEqual(['../<b>&', label]);
    const report = readFileSync(join(odd, 'results/report.html'), 'utf8');
    expect(report).toContain('../Li/In &lt;b&gt; 測試');
    expect(report).not.toContain('In <b>');
  });
});
