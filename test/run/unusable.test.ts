import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExperiment } from '../../src/formats/experiment/experiment.js';
import { interphase } from '../support/cli.js';
import { folderWith } from '../support/folder.js';

const MAPS = 'sample: s\nmaps:\n  - { files: { Y: y.csv, In: in.csv }, role: xrf, name: m, pixel: 5 um }\n';
const grid = (value: (i: number) => number): string =>
  Array.from({ length: 6 }, (_, r) => Array.from({ length: 8 }, (_, c) => value(8 * r + c)).join(',')).join(
    '\n',
  );

describe('experiments that cannot be used', () => {
  it.each([
    ['zeros', grid(() => 0), 'nothing but zeros'],
    ['no numbers', grid(() => Number.NaN), 'no number|not a number|not a grid'],
  ])('a map of %s ends with status 2, one line of cause, and no folder', (_title, text, cause) => {
    const folder = folderWith({ 'experiment.yaml': MAPS, 'y.csv': text, 'in.csv': text });
    const { status, stderr, stdout } = interphase(['run', folder, '--quiet', '--jobs', '1']);
    expect(stderr).toMatch(new RegExp(cause));
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([status, stdout]).toEqual([2, '']);
    expect(existsSync(join(folder, 'results'))).toBe(false);
  });

  it('names the phase that is meant', () => {
    const folder = folderWith({
      'a_1.xy': '1 2\n',
      'experiment.yaml':
        'sample: s\ndiffraction:\n  - files: a_*.xy\n    wavelength: 1 angstrom\n    integration: lab\n    phases: [Li3YCl]\n',
    });
    expect(() => readExperiment(folder)).toThrow(
      /:6: .*'Li3YCl' is no built-in phase \(did you mean 'Li3YCl6'\?/u,
    );
  });

  it('a spectrum without an edge fails in plain words', () => {
    const rows = Array.from({ length: 80 }, (_, i) => `${2790 + i} 1000 500`).join('\n');
    const folder = folderWith({
      'a.dat': `# energy i0 ifluor\n${rows}\n`,
      'experiment.yaml': 'sample: s\nspectra:\n  - { file: a.dat, edge: Cl K }\n',
    });
    const { status, stdout } = interphase(['run', folder, '--quiet', '--json', '--jobs', '1']);
    expect(status).toBe(1);
    const messages = (JSON.parse(stdout) as { problems: { message: string }[] }).problems.map(
      ({ message }) => message,
    );
    expect(messages.join()).toContain('cannot be normalised: no Cl K edge stands out');
    expect(messages.join()).not.toContain('unexpected');
  });

  it('lists the settings of the simulator without a preset', () => {
    expect(interphase(['simulate', '--list']).stdout).toContain('map.thickness=-1');
    expect(interphase(['simulate']).stderr).toContain('known is kim2024');
  });
});
