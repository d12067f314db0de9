import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MapResult } from '../../src/result.js';
import { interphase } from '../support/cli.js';
import { folderWith } from '../support/folder.js';

const example = fileURLToPath(new URL('../../fixtures/kim2024/', import.meta.url));
const map = join(example, 'xrf.h5');
const truth = JSON.parse(readFileSync(join(example, 'truth.json'), 'utf8')) as {
  maps: { name: string; aei_thickness_um?: { mean: number } }[];
};

describe('interphase xrf on loose maps', () => {
  it('measures the layer, and writes images, lines and figures', () => {
    const out = folderWith({});
    const run = interphase(['xrf', 'segment', map, '--pixel', '5 um', '--json', '--out', out]);
    expect(run.status).toBe(0);
    const [found] = JSON.parse(run.stdout) as MapResult[];
    const known = truth.maps.find(({ name }) => name === 'xrf')!.aei_thickness_um!.mean;
    expect(Math.abs(found!.aei_thickness_um!.mean / known - 1)).toBeLessThan(0.03);
    for (const file of ['Y.csv', 'anode-aei.csv', 'regions.svg', 'thickness.png', 'xrf-overlay.svg'])
      expect(existsSync(join(out, 'xrf', file)), file).toBe(true);
  });

  it('sums element maps, and says which lines the incident energy cannot excite', () => {
    const run = interphase(['xrf', 'map', map, '--pixel', '5 um', '--energy', '2900 eV']);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^Y .*\d+ ± \d+/m);
    expect(run.stdout).toContain('In L lines need more than 3730 eV');
  });

  it('asks for what it lacks in one line', () => {
    const alone = interphase(['xrf', 'segment', map, '--pixel', '5 um', '--elements', 'Y']);
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain('regions need at least two elements');
    const unit = interphase(['xrf', 'map', map, '--pixel', '5 eV']);
    expect(unit.status).toBe(2);
    expect(unit.stderr).toContain('--pixel');
    expect(unit.stderr).not.toContain('    at ');
  });
});
