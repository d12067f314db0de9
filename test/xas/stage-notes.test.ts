import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NormalizedSpectrum } from '../../src/measurement.js';
import { folderWith } from '../support/folder.js';
import { entryOf, runSpectroscopy } from './run-stages.js';

const energies = Array.from({ length: 200 }, (_, i) => 11750 + 2.5 * i);
const fineEnergies = Array.from({ length: 300 }, (_, i) => 6440 + 1 * i);
const rise = (e: number, e0: number, width: number): number => 0.5 + Math.atan((e - e0) / width) / Math.PI;

describe('stages of spectra', () => {
  it('normalise as an Athena project stores it, on the calibrated axis', async () => {
    const group = (name: string, e0: number): string =>
      `$old_group = '${name}';\n@args = ('label','${name}','bkg_e0','${e0}','bkg_pre1','-120','bkg_pre2','-40','bkg_nor1','60','bkg_nor2','250','bkg_nnorm','2','bkg_z','Au','fft_edge','l3','bkg_step','0.25','bkg_fixstep','1');\n@x = ('${energies.join("','")}');\n@y = ('${energies.map((e) => 0.5 + 0.2 * rise(e, 11917, 0.5)).join("','")}');\n[record]\n\n`;
    const project = join(
      folderWith({
        'gold.prj': `# Athena project file -- Demeter version 0.9.26\n\n${group('foil', 11917)}${group('sample', 11918)}1;\n`,
      }),
      'gold.prj',
    );
    const entries = [
      entryOf(project, 'foil', 'Au', 'calibrant', { edge: 'L3', group: 'foil', e0_eV: 11919 }),
      entryOf(project, 'sample', 'Au', 'sample', { edge: 'L3', group: 'sample' }),
    ];
    const normalized = async (params: object): Promise<NormalizedSpectrum> => {
      const { products } = await runSpectroscopy(entries, { 'normalize-spectra': params });
      return (products.get('normalized')![1]!.value as { spectrum: NormalizedSpectrum }).spectrum;
    };
    const stored = await normalized({ profile: 'athena-0.9.26' });
    expect(stored.edgeStep.value).toBe(0.25);
    expect(stored.e0_eV.value).toBeCloseTo(11918 + stored.shift_eV.value, 9);
    expect(stored.shift_eV.value).toBeGreaterThan(1);
    expect(stored.ranges).toMatchObject({
      pre1_eV: -120,
      pre2_eV: -40,
      norm1_eV: 60,
      norm2_eV: 250,
      degree: 1,
    });
    const asked = await normalized({ profile: 'athena-0.9.26', pre1_eV: -100 });
    expect(asked.ranges).toMatchObject({ pre1_eV: -100, pre2_eV: -40 });
    expect((await normalized({ profile: 'strict' })).edgeStep.value).toBeCloseTo(0.2, 2);
  });

  it('say so where a calibrant lacks the feature that its energy belongs to', async () => {
    const folder = folderWith({});
    const save = (name: string, mu: (e: number) => number): string => {
      const path = join(folder, name);
      writeFileSync(path, `# energy xmu\n${fineEnergies.map((e) => `${e} ${mu(e)}`).join('\n')}\n`);
      return path;
    };
    const metal = save('metal.dat', (e) => 0.4 * rise(e, 6540, 1) + 0.6 * rise(e, 6549, 1.5));
    const oxide = save('oxide.dat', (e) => rise(e, 6549, 1.5));
    const told = async (file: string, more: object = {}): Promise<string[]> => {
      const { problems } = await runSpectroscopy([entryOf(file, 'cal', 'Mn', 'calibrant', more)]);
      return problems.filter((problem) => problem.includes('shows no'));
    };
    expect(await told(metal)).toEqual([]);
    expect((await told(oxide)).join()).toMatch(
      /calibrate-energy .*shows no pre-edge-inflection, .*its main-inflection was put there; say which with 'feature:'/u,
    );
    expect(await told(oxide, { feature: 'main-inflection' })).toEqual([]);
  });
});
