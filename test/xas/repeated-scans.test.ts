import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { shareHere } from '../../src/pipeline/share.js';
import { readSpectraStage } from '../../src/stages/read-spectra.js';
import { entryOf } from './run-stages.js';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/kim2024/xas/Cl_${name}.xdi.gz`, import.meta.url));

it('repeated scans of an entry become one spectrum, and odd ones are told', async () => {
  const scans = ['P3', 'P4', 'InCl3'].map((name) => ({ file: file(name), group: null }));
  const entry = entryOf(scans[0]!.file, 'P3 and others', 'Cl', 'sample', {
    scans,
    clean: { from_eV: 2790, to_eV: 2900, drop_eV: [2840, 9999] },
  });
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  const context = { key: 'one', warn: tell, error: tell, progress: () => undefined, share: shareHere };
  const read = async (given: object) => {
    told.length = 0;
    const made = await readSpectraStage.run(
      { entry },
      v.parse(readSpectraStage.params, given) as never,
      context,
    );
    return (made as { spectrum: { label: string; energy_eV: Float64Array; sigma: Float64Array } }).spectrum;
  };
  const kept = await read({});
  expect(kept.label).toBe('P3 and others');
  expect(kept.energy_eV[0]).toBeGreaterThanOrEqual(2790);
  expect([...kept.energy_eV]).not.toContain(2840);
  expect(told.join('\n')).toMatch(/Cl_InCl3.*does not belong.*part of the mean/u);
  expect(told.join('\n')).toMatch(/9999 eV/u);
  const without = await read({ outlying_scans: 'leave-out', rebin: { xanes_eV: 1 } });
  expect(told.join('\n')).toMatch(/Cl_InCl3.*left out/u);
  expect(without.energy_eV.length).toBeLessThan(kept.energy_eV.length / 2);
  expect(without.sigma.every((s) => s > 0)).toBe(true);
});
