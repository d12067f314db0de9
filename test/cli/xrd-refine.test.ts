import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { formatPattern } from '../../src/formats/patterns/pattern.js';
import { interphase } from '../support/cli.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { drawPattern, testPhase } from '../xrd/powder-truth.js';

const cif = fileURLToPath(new URL('../xrd/data/pbso4.cif', import.meta.url));
const common = ['--phase', 'Li3YCl6', '--wavelength', '1.2398 angstrom', '--integration', 'mean-per-pixel'];

function writePattern(folder: string, name: string, x: number, seed: number): string {
  const pattern = drawPattern(seed, {
    phases: [testPhase('Li3YCl6')],
    values: { 'Li3YCl6.peak': 1500, 'Li3YCl6.x': x },
  });
  const path = join(folder, name);
  writeFileSync(
    path,
    formatPattern({ ...pattern, sigma: pattern.intensity.map((y) => Math.sqrt(Math.max(1, y))) }),
  );
  return path;
}

describe('interphase xrd refine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'interphase-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const first = writePattern(folder, 'a.xye', 0.3, 1);
  const second = writePattern(folder, 'b.xye', 0, 2);

  it('refines loose patterns of a built-in phase with a dopant', () => {
    const { status, stdout } = interphase([
      'xrd',
      'refine',
      first,
      second,
      ...common,
      '--dopant',
      'In:Li3YCl6',
      '--json',
      '--out',
      join(folder, 'fit.svg'),
      '--out',
      join(folder, 'fit.pdf'),
    ]);
    expect(status).toBe(0);
    for (const label of ['a', 'b']) {
      expect(readFileSync(join(folder, `fit-${label}.svg`), 'utf8')).toMatch(/^<svg[\s\S]*calculated/);
      expect(readFileSync(join(folder, `fit-${label}.pdf`), 'latin1')).toMatch(/^%PDF/);
    }
    const fits = JSON.parse(stdout) as {
      label: string;
      r: { gof: number };
      phases: { composition: { x: { value: number; sigma: number } } }[];
      correlation: { parameters: string[]; matrix: number[][] };
    }[];
    expect(fits.map(({ label }) => label)).toEqual(['a', 'b']);
    const { value, sigma } = fits[0]!.phases[0]!.composition.x;
    expect(Math.abs(value - 0.3)).toBeLessThan(4 * sigma);
    expect(fits[0]!.r.gof).toBeLessThan(1.2);
    expect(fits[0]!.correlation.matrix).toHaveLength(fits[0]!.correlation.parameters.length);
  });

  it('prints a report and writes the curves of one pattern', () => {
    const out = join(folder, 'fit.csv');
    const { status, stdout } = interphase([
      'xrd',
      'refine',
      first,
      ...common,
      '--line-scatter',
      '--out',
      out,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Rwp .* GOF .* Durbin-Watson/);
    expect(stdout).toContain('scatter of line intensities');
    expect(readFileSync(out, 'utf8')).toMatch(
      /^two_theta_deg,observed,sigma,calculated,background,used\n11\.00000,/,
    );
  });

  it('tells of a Le Bail fit what it knows, and no amounts', () => {
    const { status, stdout } = interphase(['xrd', 'refine', first, ...common, '--le-bail']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^phase +a +b +c *$/m);
    expect(stdout).toContain('intensities are free');
  });

  it.each([
    [['xrd', 'refine', first, '--phase', 'Li3YCl6', '--wavelength', '1 angstrom'], /no integration/],
    [['xrd', 'refine', first, '--phase', 'Li3YCl6', '--integration', 'lab'], /no wavelength/],
    [['xrd', 'refine', first, '--wavelength', 'Cu Ka', '--integration', 'lab'], /no phase/],
    [['xrd', 'refine', first, ...common, '--refine', 'nonsense'], /no parameter/],
    [['xrd', 'refine', first, ...common, '--out', 'fit.docx'], /no ending that can be written/],
    [['xrd', 'refine', first, ...common, '--dopant', 'In:YCl3'], /not one of the phases/],
    [['xrd', 'refine', first, ...common, '--texture', 'Li3YCl6:0,0,0'], /cannot be read/],
    [['xrd', 'refine', first, ...common, '--texture', 'YCl3:0,0,1'], /names no phase/],
    [['xrd', 'refine', first, '--phase', 'Nosuch', ...common.slice(2)], /neither a built-in phase nor a CIF/],
    [['xrd', 'refine', join(folder, 'missing.xye'), ...common], /missing\.xye/],
  ])('refuses what it cannot do in one line: %#', (args, message) => {
    const { status, stderr, stdout } = interphase(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('goes on after a file that cannot be read, and says so by its status', () => {
    const { status, stdout, stderr } = interphase([
      'xrd',
      'refine',
      first,
      join(folder, 'missing.xye'),
      ...common,
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain('Rwp');
    expect(stderr).toContain('missing.xye');
  });
});

describeReal('interphase xrd refine on measured data', () => {
  it('refines PbSO4 with the doublet of a copper tube', () => {
    const { status, stdout } = interphase([
      'xrd',
      'refine',
      join(sharedData, 'xrd/ed-16.dat'),
      '--phase',
      cif,
      '--wavelength',
      'Cu Ka',
      '--integration',
      'lab',
      '--refine',
      'displacement',
      'widths',
      '*.cell',
      '--json',
    ]);
    expect(status).toBe(0);
    const [fit] = JSON.parse(stdout) as { phases: { cell: number[] }[]; r: { rwp_percent: number } }[];
    [8.4803, 5.3986, 6.96].forEach((length, i) => {
      expect(Math.abs(fit!.phases[0]!.cell[i]! - length)).toBeLessThan(0.002);
    });
    expect(fit!.r.rwp_percent).toBeLessThan(10.5);
  });
});
