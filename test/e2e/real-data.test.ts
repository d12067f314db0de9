import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Result, SpectrumResult } from '../../src/result.js';
import { interphase } from '../support/cli.js';
import { describeReal, sharedData } from '../support/shared-data.js';

/** Measured files of several beamlines in one experiment, with answers that are known from elsewhere. */
const experiment = `
sample: Measured standards
diffraction:
  - name: lead sulfate
    files: ed-16.dat
    wavelength: 1.5406 angstrom
    positions: { start: 0 um, step: 1 um }
    integration: lab
    phases: []
spectra:
  - { file: Y-K-foil.xdi, edge: Y K, role: calibrant, e0: 17038 eV, label: Y foil }
  - { file: Y-K-YttriumOxide.xdi, edge: Y K, role: sample, label: Y2O3 }
  - { file: IN_540_001.003, edge: In K, role: calibrant, e0: 27940 eV, mu: reference, label: In reference }
  - { file: IN_540_001.003, edge: In K, role: sample, mu: fluorescence, label: In-Zn oxide }
  - { file: Cl_CAMD.prj, group: KCl, edge: Cl K, role: reference, label: KCl }
  - { file: Cl_CAMD.prj, group: NaCl, edge: Cl K, role: reference, label: NaCl }
  - { file: Cl_CAMD.prj, group: PdCl2, edge: Cl K, role: sample, label: PdCl2 }
maps:
  - { name: fly map, file: 2xfm_0011_2xfm3__0.h5, role: xrf, energy: 10 keV, pixel: 1 um, elements: [Ar, Fe, Zn] }
`;
const files = [
  'xrd/ed-16.dat',
  'xas/y-k/Y-K-foil.xdi',
  'xas/y-k/Y-K-YttriumOxide.xdi',
  'xas/in-k/IN_540_001.003',
  'xas/cl-k/Cl_CAMD.prj',
  'xrf/2xfm_0011_2xfm3__0.h5',
];

describeReal('the whole path on measured files', () => {
  let folder: string;
  let result: Result;
  const spectrum = (label: string): SpectrumResult => {
    const found = result.spectra.find((candidate) => candidate.label === label);
    if (!found) throw new Error(`no spectrum ${label}: ${JSON.stringify(result.problems)}`);
    return found;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'interphase-real-'));
    for (const file of files) cpSync(join(sharedData, file), join(folder, file.split('/').at(-1) as string));
    writeFileSync(join(folder, 'experiment.yaml'), experiment);
    const { status, stdout, stderr } = interphase(['run', folder, '--json']);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(0);
    result = JSON.parse(stdout) as Result;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('calibrates yttrium on the foil by its pre-edge inflection, and Y2O3 on its own foil by the same shift', () => {
    const foil = spectrum('Y foil').calibration_shift_eV;
    const oxide = spectrum('Y2O3').calibration_shift_eV;
    expect(foil?.value).toBeGreaterThan(0.3);
    expect(foil?.value).toBeLessThan(0.9);
    expect(Math.abs((foil?.value ?? 9) - (oxide?.value ?? 0))).toBeLessThan(0.3);
    expect(oxide?.sigma).toBeGreaterThan(0);
  });

  it('finds the indium of the oxide 2.8 eV above the reference of the same scan', () => {
    const shift = spectrum('In-Zn oxide').edge_shift_eV;
    expect(Math.abs((shift?.value ?? 0) - 2.8)).toBeLessThan(0.3);
    expect(shift?.relative_to).toBe('In reference');
  });

  it('finds the chlorine edges and the pre-edge of PdCl2', () => {
    expect(Math.abs((spectrum('KCl').e0_eV?.value ?? 0) - 2824.18)).toBeLessThan(0.3);
    expect(Math.abs((spectrum('NaCl').e0_eV?.value ?? 0) - 2824.92)).toBeLessThan(0.6);
    const centres = spectrum('PdCl2').peaks.map((peak) => Math.abs(peak.center_eV.value - 2820.4));
    expect(Math.min(...centres)).toBeLessThan(0.1);
  });

  it('sums the detectors of the fly map exactly and sees argon', () => {
    const map = result.maps[0];
    expect(map.detectors?.map(({ counts }) => counts)).toEqual([100311, 96080, 48479, 50482]);
    const argon = map.elements?.find(({ element }) => element === 'Ar');
    expect(argon?.counts.value).toBeGreaterThan(10 * (argon?.counts.sigma ?? 0));
  });

  it('reads and draws the powder pattern', () => {
    expect(result.lineScans[0].patterns).toHaveLength(1);
    expect(result.lineScans[0].patterns[0].status).toBe('ok');
    const pattern = result.figures.find(({ id }) => id.includes('pattern-stack'));
    expect(pattern).toBeDefined();
    for (const file of pattern?.files ?? []) expect(existsSync(join(folder, 'results', file))).toBe(true);
  });

  it('leaves a page that carries the answers', () => {
    const page = readFileSync(join(folder, 'results', 'report.html'), 'utf8');
    expect(page).toContain('Measured standards');
    expect(page).toContain('PdCl2');
  });
});
