import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Measured } from '../../src/measurement.js';
import { calibrationFigure } from '../../src/report/figures/calibration.js';
import { interphase } from '../support/cli.js';
import { entryOf, runSpectroscopy } from './run-stages.js';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/kim2024/xas/Cl_${name}.xdi.gz`, import.meta.url));

interface Row {
  label: string;
  feature: string | null;
  calibration_shift_eV: Measured | null;
  moved_by_eV: Measured | null;
  moved_by: string | null;
  calibrated_edge_eV: Measured | null;
}

const energiesOf = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\s*\d/u.test(line))
    .map((line) => Number(line.trim().split(/\s+/u)[0]));

describe('interphase xas calibrate --out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'interphase-calibrate-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => interphase(['xas', 'calibrate', ...args, '--json']);
  const e0 = ['--e0', '2824.34'];

  it('moves a spectrum by a foil, and its uncertainty goes on to the next step and the pipeline', async () => {
    const { status, stdout } = run(file('P5'), '--foil', file('KCl'), ...e0, '--out', folder);
    expect(status).toBe(0);
    const [foil, sample] = JSON.parse(stdout) as [Row, Row];
    expect(foil.feature).toBe('main-inflection');
    expect(sample.calibration_shift_eV).toBeNull();
    expect(sample.moved_by).toBe('Cl_KCl');
    // The fixture's axis is 0.38 eV low, and ten parts in a million are added to the foil's own uncertainty.
    expect(Math.abs(sample.moved_by_eV!.value - 0.38)).toBeLessThan(3 * sample.moved_by_eV!.sigma);
    expect(sample.moved_by_eV!.sigma).toBeCloseTo(
      Math.hypot(foil.calibration_shift_eV!.sigma, 2824.34e-5),
      4,
    );
    expect(sample.calibrated_edge_eV!.sigma).toBeGreaterThan(sample.moved_by_eV!.sigma);
    const moved = join(folder, 'Cl_P5.xdi');
    expect(energiesOf(moved)[0]! - 2775).toBeCloseTo(sample.moved_by_eV!.value, 6);
    expect(existsSync(join(folder, 'calibration.png'))).toBe(true);
    const peaks = (path: string, ...flags: string[]) =>
      (
        JSON.parse(interphase(['xas', 'peaks', path, '--json', ...flags]).stdout) as {
          peaks: { name: string; center_eV: Measured }[];
        }[]
      )[0]!.peaks.find(({ name }) => name === 'b')!.center_eV;
    const carried = peaks(moved);
    const bare = peaks(file('P5'), '--energy-shift', String(sample.moved_by_eV!.value));
    expect(carried.value).toBeCloseTo(bare.value, 3);
    expect(carried.sigma).toBeCloseTo(Math.hypot(bare.sigma, sample.moved_by_eV!.sigma), 3);
    const { results, problems } = await runSpectroscopy([
      entryOf(file('KCl'), 'KCl', 'Cl', 'calibrant', { edge: 'K', e0_eV: 2824.34 }),
      entryOf(moved, 'P5', 'Cl', 'sample', { edge: 'K' }),
    ]);
    expect(problems.filter((problem) => problem.includes('no calibrant'))).toEqual([]);
    expect(results[1]!.result.calibration_shift_eV).toEqual({
      value: 0,
      sigma: sample.moved_by_eV!.sigma,
    });
  });

  it('moves by a constant angle, with the d-spacing of the header or of the flag', () => {
    const out = join(folder, 'angle');
    run(file('KCl'), ...e0, '--shift', 'angle', '--out', out);
    const energies = energiesOf(join(out, 'Cl_KCl.xdi'));
    const shift = (k: number, at: number): number => energies.at(k)! - at;
    const raw = 2775;
    // dE is proportional to E^2 cos(theta)/ ... : smaller below the edge than at it, by the square of the energy and tan(theta).
    const theta = (e: number): number => Math.asin(12398.41984 / (2 * 3.1356 * e));
    const ratio = (raw * Math.tan(theta(2824))) / (2824 * Math.tan(theta(raw)));
    const [row] = JSON.parse(run(file('KCl'), ...e0).stdout) as [Row];
    expect(shift(0, raw) / row.calibration_shift_eV!.value).toBeCloseTo(ratio, 2);
    expect(readFileSync(join(out, 'Cl_KCl.xdi'), 'utf8')).toContain('# Mono.d_spacing: 3.1356');
    const bare = join(folder, 'bare.dat');
    writeFileSync(
      bare,
      `# energy mu\n${Array.from({ length: 120 }, (_, i) => `${8900 + 2 * i} ${1 / (1 + Math.exp((8980 - 8900 - 2 * i) / 2))}`).join('\n')}\n`,
    );
    const asked = run(bare, '--edge', 'Cu K', '--mu', 'mu', '--shift', 'angle', '--out', out);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(/does not state the d-spacing .*--d-spacing/u);
    const given = run(
      ...[bare, '--edge', 'Cu K', '--mu', 'mu', '--shift', 'angle', '--d-spacing', '1.6375', '--out', out],
    );
    expect(given.status).toBe(0);
    expect(readFileSync(join(out, 'bare.xdi'), 'utf8')).toContain('d = 1.6375 angstrom');
  });

  it('draws feature, shift and both axes', () => {
    const energy_eV = Float64Array.from({ length: 80 }, (_, i) => 2800 + i);
    const mu = energy_eV.map((e) => 1 / (1 + Math.exp(2824 - e)));
    const svg = calibrationFigure([
      {
        label: 'KCl',
        feature: 'pre-edge-inflection',
        energy_eV,
        moved_eV: energy_eV.map((e) => e + 0.4),
        mu,
        derivative: mu.map((value) => value * (1 - value)),
        measured_eV: { value: 2824, sigma: 0.05 },
        e0_eV: 2824.4,
        span_eV: 12,
      },
    ]).draw();
    expect(svg).toContain('KCl: pre-edge inflection, shift 0.40\u00a0±\u00a00.05\u00a0eV');
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
