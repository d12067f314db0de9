import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { interphase } from '../support/cli.js';

const files = fileURLToPath(new URL('../../fixtures/kim2024/xas/', import.meta.url));
const file = (name: string): string => join(files, `Cl_${name}.xdi.gz`);

describe('interphase xas', () => {
  const folder = mkdtempSync(join(tmpdir(), 'interphase-xas-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('calibrate prints the feature, its energy and the shift', () => {
    const { status, stdout } = interphase(['xas', 'calibrate', file('KCl'), '--e0', '2824.34', '--json']);
    expect(status).toBe(0);
    const [found] = JSON.parse(stdout) as {
      feature: string;
      calibration_shift_eV: { value: number; sigma: number };
    }[];
    expect(found!.feature).toBe('main-inflection');
    expect(Math.abs(found!.calibration_shift_eV.value - 0.38)).toBeLessThan(0.1);
  });

  it('normalize writes a CSV a spectrum and prints a table', () => {
    const { status, stdout } = interphase([
      'xas',
      'normalize',
      file('LYC'),
      '--profile',
      'larch-2026',
      '--out',
      folder,
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('larch-2026');
    const [name] = ['Cl_LYC.csv', 'Cl_LYC.xdi.csv'].filter((candidate) =>
      existsSync(join(folder, candidate)),
    );
    const header = readFileSync(join(folder, name!), 'utf8').split('\n')[0];
    expect(header).toBe('energy_eV,mu,norm,flat,sigma,pre_edge,post_edge,derivative_per_eV');
  });

  it('peaks and lcf tell what is in P5', () => {
    const peaks = interphase(['xas', 'peaks', file('P5'), '--energy-shift', '0.38', '--json']);
    const [found] = JSON.parse(peaks.stdout) as { peaks: { name: string; center_eV: { value: number } }[] }[];
    expect(Math.abs(found!.peaks.find(({ name }) => name === 'b')!.center_eV.value - 2824.5)).toBeLessThan(
      0.15,
    );
    const lcf = interphase(['xas', 'lcf', file('P5'), file('LYC'), file('InCl3'), '--json']);
    const weights = Object.values(
      (JSON.parse(lcf.stdout) as { weights: Record<string, { value: number }> }).weights,
    );
    expect(weights[0]!.value).toBeCloseTo(0.62, 1);
    expect(weights[0]!.value + weights[1]!.value).toBeCloseTo(1, 9);
  });

  it('says in one line what is wrong, and exits with 2', () => {
    const broken = join(folder, 'broken.xdi');
    writeFileSync(broken, '# XDI/1.0\n# Column.1: energy eV\n#----\n2800 one\n');
    for (const args of [
      ['xas', 'normalize', broken],
      ['xas', 'lcf', file('P5')],
      ['xas', 'calibrate', join(folder, 'absent.xdi')],
    ]) {
      const { status, stderr } = interphase(args);
      expect(status).toBe(2);
      expect(stderr).not.toContain('    at ');
    }
  });
});
