import { expect, it } from 'vitest';
import type { Spectrum } from '../../src/measurement.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { entryOf, runSpectroscopy } from './run-stages.js';

const y = `${sharedData}xas/y-k/`;
const indium = `${sharedData}xas/in-k/IN_540_001.003`;
const chlorine = `${sharedData}xas/cl-k/Cl_CAMD.prj`;

describeReal('spectroscopy stages on real files', () => {
  it('calibrates yttrium on the foil and on the simultaneous foil of the oxide alike', async () => {
    const { results } = await runSpectroscopy([
      entryOf(`${y}Y-K-foil.xdi`, 'foil', 'Y', 'calibrant', { e0_eV: 17038 }),
      entryOf(`${y}Y-K-YttriumOxide.xdi`, 'Y2O3', 'Y', 'sample'),
    ]);
    const [foil, oxide] = results.map(({ result }) => result);
    expect(foil!.e0_feature).toBe('pre-edge-inflection');
    expect(foil!.e0_eV!.value).toBeCloseTo(17038, 6);
    expect(foil!.calibration_shift_eV!.value).toBeCloseTo(0.7, 0);
    expect(oxide!.calibrated_by).toBe('own reference channel');
    expect(Math.abs(oxide!.calibration_shift_eV!.value - foil!.calibration_shift_eV!.value)).toBeLessThan(
      0.3,
    );
    expect(oxide!.edge_shift_eV!.relative_to).toBe('foil');
    expect(oxide!.edge_shift_eV!.value).toBeCloseTo(4.9, 0);
    expect(oxide!.white_line_eV!.value).toBeCloseTo(17054.2 + oxide!.calibration_shift_eV!.value, 0);
    expect(oxide!.statements!.join()).toMatch(/differs from zero/);
  });

  it('takes dead time out of the counts of a real detector, with their uncertainty', async () => {
    const run = async (more: object) => {
      const file = `${sharedData}xas/formats/SSRLmicro_2008.dat`;
      const { products } = await runSpectroscopy([entryOf(file, 'GeO2', 'Ge', 'sample', more)]);
      const [item] = products.get('spectra')!;
      return (item!.value as { spectrum: Spectrum }).spectrum;
    };
    const raw = await run({});
    // The file's own clock says how long each point was counted.
    const made = await run({ detector: { deadTime_s: 3e-6, dwell_s: null } });
    const gain = made.mu.map((value, i) => value / raw.mu[i]!);
    const last = raw.mu.length - 1;
    // The more counts, the more were lost, and the less certain is what is put back.
    expect(gain[0]!).toBeGreaterThan(1);
    expect(gain[last]!).toBeGreaterThan(gain[0]!);
    expect(gain[last]!).toBeLessThan(1.2);
    expect(made.sigma![last]! / made.mu[last]!).toBeGreaterThan(raw.sigma![last]! / raw.mu[last]!);
  });

  it('finds In3+ 2.8 eV above its own reference', async () => {
    const { results } = await runSpectroscopy([
      entryOf(indium, 'oxide', 'In', 'sample', { mu: 'fluorescence' }),
    ]);
    const { edge_shift_eV } = results[0]!.result;
    expect(Math.abs(edge_shift_eV!.value - 2.8)).toBeLessThan(0.3);
    expect(edge_shift_eV!.sigma).toBeLessThan(0.3);
  });

  it('reads the chlorine project: edges, white lines, and the pre-edge of PdCl2 without being told where', async () => {
    const entry = (group: string) => entryOf(chlorine, group, 'Cl', 'sample', { group });
    const { results, problems } = await runSpectroscopy(
      ['KCl', 'NaCl', 'CoCl2', 'PdCl2', 'PbCl2'].map(entry),
    );
    const found = Object.fromEntries(results.map(({ result }) => [result.label, result]));
    const stored = { KCl: 2824.18, NaCl: 2824.92, CoCl2: 2824.47, PbCl2: 2821.19 };
    for (const [label, e0] of Object.entries(stored))
      expect(Math.abs(found[label]!.e0_eV!.value - e0)).toBeLessThan(0.5);
    expect(found.KCl!.white_line_eV!.value).toBeCloseTo(2824.95, 1);
    expect(Math.abs(found.NaCl!.white_line_eV!.value - 2826.27)).toBeLessThan(0.15);
    const palladium = found.PdCl2!;
    expect(palladium.e0_eV!.value).toBeGreaterThan(2824);
    expect(palladium.inflections[0]!.energy_eV.value).toBeCloseTo(2819.7, 0);
    const pre = palladium.peaks.find(({ name }) => name === 'pre')!;
    expect(Math.abs(pre.center_eV.value - 2820.4)).toBeLessThan(0.1);
    expect(found.KCl!.calibration_shift_eV).toBeNull();
    expect(problems.join()).toMatch(/no calibrant of the Cl K edge/);
  });

  it('reads the foils of transition metals at the foot of their edge, and compounds at their edge', async () => {
    const foils = {
      cu_metal_rt: 'Cu',
      fe_metal_rt: 'Fe',
      co_metal_rt: 'Co',
      ni_metal_rt: 'Ni',
      fe2o3_rt: 'Fe',
    };
    const tabulated = { Cu: 8979, Fe: 7112, Co: 7709, Ni: 8333 };
    const { results } = await runSpectroscopy(
      Object.entries(foils).map(([name, element]) =>
        entryOf(`${sharedData}xas/xdi-good/${name}.xdi`, name, element, 'sample'),
      ),
    );
    for (const { result } of results) {
      const element = result.edge.split(' ')[0] as keyof typeof tabulated;
      const distance = result.e0_eV!.value - tabulated[element];
      if (result.label === 'fe2o3_rt') expect(distance).toBeGreaterThan(9);
      else expect(Math.abs(distance)).toBeLessThan(2);
    }
  });
});
