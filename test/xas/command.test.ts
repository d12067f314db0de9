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
      (JSON.parse(lcf.stdout) as { weights: Record<string, { value: number; sigma: number }> }).weights,
    );
    expect(weights[0]!.value).toBeCloseTo(0.62, 1);
    expect(weights[0]!.value + weights[1]!.value).toBeCloseTo(1, 9);
    const wary = interphase([
      'xas',
      'lcf',
      file('P5'),
      file('LYC'),
      file('InCl3'),
      '--drift',
      '0.05',
      '--json',
    ]);
    const held = JSON.parse(wary.stdout) as {
      drift_eV: number;
      weights: Record<string, { value: number; sigma: number }>;
    };
    expect(held.drift_eV).toBeGreaterThanOrEqual(0.05);
    expect(Object.values(held.weights)[0]!.sigma).toBeGreaterThan(1.5 * weights[0]!.sigma);
  });

  it('takes one spectrum of a project, normalised as the project stores it', () => {
    const energies = Array.from({ length: 200 }, (_, i) => 11750 + 2.5 * i);
    const gold = energies.map((e) => 0.5 + 0.2 * (0.5 + Math.atan((e - 11919) / 0.5) / Math.PI));
    const group = (name: string, step: string): string =>
      `$old_group = '${name}';\n@args = ('label','${name} h','bkg_e0','11920','bkg_pre1','-120','bkg_pre2','-40','bkg_nor1','60','bkg_nor2','250','bkg_nnorm','2','bkg_z','Au','fft_edge','l3','bkg_step','0.25','bkg_fixstep','${step}');\n@x = ('${energies.join("','")}');\n@y = ('${gold.join("','")}');\n[record]\n\n`;
    const project = join(folder, 'gold.prj');
    writeFileSync(
      project,
      `# Athena project file -- Demeter version 0.9.26\n\n${group('one', '1')}${group('two', '0')}1;\n`,
    );
    const normalized = (name: string, profile: string): Record<string, unknown> => {
      const { stdout } = interphase([
        'xas',
        'normalize',
        `${project}#${name}`,
        '--profile',
        profile,
        '--json',
      ]);
      return (JSON.parse(stdout) as Record<string, unknown>[])[0]!;
    };
    expect(normalized('one h', 'athena-0.9.26')).toMatchObject({
      label: 'one h',
      e0_eV: { value: 11920 },
      edge_step: { value: 0.25 },
      ranges: { pre1_eV: -120, norm2_eV: 250, degree: 1 },
    });
    const two = normalized('two h', 'athena-0.9.26') as { edge_step: { value: number } };
    expect(two.edge_step.value).toBeCloseTo(0.2, 2);
    expect(normalized('one h', 'larch-2026')).not.toMatchObject({ edge_step: { value: 0.25 } });
    const beside = join(folder, 'beside.prj');
    const chi = group('chi', '0').replace(
      /@x = .*/u,
      `@x = (${energies.map((_, i) => `'${0.05 * i}'`).join(',')});`,
    );
    writeFileSync(
      beside,
      `# Athena project file -- Demeter version 0.9.26\n\n${group('one', '0')}${chi}1;\n`,
    );
    const left = interphase(['xas', 'normalize', beside, '--json']);
    expect([left.status, (JSON.parse(left.stdout) as unknown[]).length]).toEqual([0, 1]);
    expect(left.stderr).toMatch(/1 groups without energies/u);
    expect(interphase(['xas', 'normalize', `${project}#three`]).stderr).toMatch(/no spectrum 'three'/u);
  });

  it('takes columns by number, and guesses the edge that they show', () => {
    const bare = join(folder, 'bare.dat');
    const rows = Array.from({ length: 240 }, (_, i) => {
      const e = 8800 + 2.5 * i;
      const mu = 0.3 + 0.5 + Math.atan((e - 8985) / 2) / Math.PI;
      return `${e} ${i} ${1e5} ${1e5 * Math.exp(-mu)}`;
    });
    writeFileSync(bare, rows.join('\n'));
    const asked = interphase(['xas', 'normalize', bare]);
    expect([asked.status, asked.stderr]).toEqual([2, expect.stringMatching(/--columns energy=1,i0=2,it=3/u)]);
    const { stdout, stderr } = interphase([
      'xas',
      'normalize',
      bare,
      '--columns',
      'energy=1,i0=3,it=4',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject([{ edge: 'Cu K' }]);
    expect(stderr).toMatch(/taken as Cu K, as it rises at 898\d/u);
    expect(interphase(['xas', 'normalize', bare, '--columns', 'energy=x']).stderr).toMatch(/energy=1,i0=2/u);
    const project = join(folder, 'bare.prj');
    expect(interphase(['convert', bare, project, '--columns', 'energy=1,i0=3,it=4']).status).toBe(0);
    expect(interphase(['inspect', project]).stdout).toContain('Cu K: 240 points');
  });

  it('merge writes a mean that the other steps read, with its figure', () => {
    const out = join(folder, 'merged');
    const scans = ['P3', 'P4'].map(file);
    const { status, stdout, stderr } = interphase([
      'xas',
      'merge',
      ...scans,
      '--out',
      out,
      '--label',
      'P3 and 4',
      '--json',
    ]);
    expect(status).toBe(0);
    const { scans: reports } = JSON.parse(stdout) as { scans: { weight: number; misfit: number }[] };
    expect(reports[0]!.weight + reports[1]!.weight).toBeCloseTo(1, 9);
    for (const { misfit } of reports) expect(misfit).toBeLessThan(2);
    expect(stderr).not.toContain('does not belong');
    expect(existsSync(join(out, 'merged-p3-and-4.png'))).toBe(true);
    const again = interphase(['xas', 'normalize', join(out, 'P3 and 4.xdi'), '--json', '--out', out]);
    const [made] = JSON.parse(again.stdout) as { edge: string; edge_step: { value: number } }[];
    expect(made!.edge).toBe('Cl K');
    expect(made!.edge_step.value).toBeGreaterThan(0);
    expect(existsSync(join(out, 'spectra-cl-k.png'))).toBe(true);
  });

  it('clean drops only what it is told to, and rebins', () => {
    const args = ['xas', 'clean', file('P5'), '--json'];
    const [kept] = JSON.parse(interphase(args).stdout) as { points: number; points_left: number }[];
    expect(kept!.points_left).toBe(kept!.points);
    const [cut] = JSON.parse(
      interphase([...args, '--range', '-30:40', '--drop', '2830', '--rebin', '--bins', '5:1:0.1']).stdout,
    ) as { points_left: number; cut_off: number; dropped_eV: number[] }[];
    expect(cut!.dropped_eV).toHaveLength(1);
    expect(cut!.cut_off).toBeGreaterThan(10);
    expect(cut!.points_left).toBeLessThan(80);
  });

  it('pca and mcr find two components in P1 to P6', () => {
    const series = [1, 2, 3, 4, 5, 6].map((k) => file(`P${k}`));
    const pca = JSON.parse(
      interphase(['xas', 'pca', ...series, '--target', file('LYC'), '--target', file('KCl'), '--json'])
        .stdout,
    ) as { count: number; targets: { misfit: number }[] };
    expect(pca.count).toBe(2);
    expect(pca.targets[0]!.misfit).toBeLessThan(2);
    expect(pca.targets[1]!.misfit).toBeGreaterThan(10);
    const { spectra } = JSON.parse(interphase(['xas', 'mcr', ...series, '--json']).stdout) as {
      spectra: { weights: Record<string, { value: number; range: [number, number] }> }[];
    };
    for (const { weights } of spectra)
      for (const { value, range } of Object.values(weights)) {
        expect(value).toBeGreaterThanOrEqual(range[0]);
        expect(value).toBeLessThanOrEqual(range[1]);
      }
  });

  it('align finds the shift that was put in', () => {
    const moved = join(folder, 'moved');
    interphase(['xas', 'clean', file('P5'), '--energy-shift', '0.4', '--out', moved]);
    const { spectra } = JSON.parse(
      interphase(['xas', 'align', file('P5'), join(moved, 'Cl_P5.xdi'), '--json']).stdout,
    ) as { spectra: { shift_eV: { value: number } }[] };
    expect(spectra[1]!.shift_eV.value).toBeCloseTo(-0.4, 2);
  });

  it('says in one line what is wrong, and exits with 2', () => {
    const broken = join(folder, 'broken.xdi');
    writeFileSync(broken, '# XDI/1.0\n# Column.1: energy eV\n#----\n2800 one\n');
    for (const args of [
      ['xas', 'normalize', broken],
      ['xas', 'lcf', file('P5')],
      ['xas', 'merge', file('P5')],
      ['xas', 'clean', file('P5'), '--range', '2700:2710'],
      ['xas', 'clean', file('P5'), '--dead-time', '0.3'],
      ['xas', 'pca', file('P5'), file('P4')],
      ['xas', 'calibrate', join(folder, 'absent.xdi')],
    ]) {
      const { status, stderr } = interphase(args);
      expect(status).toBe(2);
      expect(stderr).not.toContain('    at ');
    }
  });
});
