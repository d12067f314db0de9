import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/result.js';
import { interphase } from '../support/cli.js';

const example = fileURLToPath(new URL('../../fixtures/kim2024/', import.meta.url));

interface Truth {
  settings: { x: number; edges: [number, number] };
  spectra: { label: string; edge: string; calibration_shift_eV: number }[];
  maps: { name: string; aei_thickness_um?: { mean: number } }[];
}

describe('the bundled example', () => {
  const truth = JSON.parse(readFileSync(join(example, 'truth.json'), 'utf8')) as Truth;
  let folder: string;
  let result: Result;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'interphase-example-'));
    const { status, stdout, stderr } = interphase(['run', example, '--out', folder]);
    expect(stderr).toContain('refine-patterns: 30 of 30');
    expect(stdout).toContain('report.html');
    expect(status).toBe(0);
    result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds x, inside its interval', () => {
    const { aei, hypotheses } = result.lineScans[0];
    expect(aei.present).toBe(true);
    expect(hypotheses[0].name).toBe('in-on-6h');
    expect(Math.abs((aei.x?.value ?? 0) - truth.settings.x)).toBeLessThan(0.02);
    const [low, high] = aei.x?.interval95 ?? [1, 0];
    expect(low).toBeLessThanOrEqual(truth.settings.x);
    expect(high).toBeGreaterThanOrEqual(truth.settings.x);
  });

  it('finds both boundaries within 1.5 um', () => {
    const found = result.lineScans[0].boundaries.map(({ name, position_um }) => [name, position_um] as const);
    expect(found.map(([name]) => name)).toEqual(['anode|aei', 'aei|electrolyte']);
    found.forEach(([, position], index) => {
      expect(Math.abs(position - truth.settings.edges[index])).toBeLessThan(1.5);
    });
  });

  it('measures the interphase on the map, and no metallic yttrium', () => {
    const map = result.maps.find(({ name }) => name === 'xrf');
    const known = truth.maps.find(({ name }) => name === 'xrf')?.aei_thickness_um?.mean ?? 0;
    expect(Math.abs((map?.aei_thickness_um?.mean ?? 0) / known - 1)).toBeLessThan(0.03);
    const metal = result.maps
      .find(({ name }) => name === 'y-valence')
      ?.components?.find(({ name }) => name === 'Y metal');
    expect(metal?.patches).toEqual([]);
    // Ten energies tell little of what all pixels share (axis, beam): the limit holds that, by Student's t.
    expect(metal?.limit95).toBeLessThan(0.06);
    expect(Math.abs(metal?.mean ?? 1)).toBeLessThan(0.03);
  });

  it('calibrates every spectrum to where its edge is known to be', () => {
    for (const { label, edge, calibration_shift_eV: known } of truth.spectra) {
      const found = result.spectra.find(
        (one) => one.label === label && one.edge === edge,
      )?.calibration_shift_eV;
      expect(Math.abs((found?.value ?? 99) - known), `${label} ${edge}`).toBeLessThan(
        3 * (found?.sigma ?? 0),
      );
      expect(found?.sigma, `${label} ${edge}`).toBeLessThan(0.5);
    }
  });

  it('sees peak b where indium is, the shift of indium, and the trivalent yttrium', () => {
    const peaks = (label: string): string[] =>
      result.spectra.find((one) => one.label === label)?.peaks.map(({ name }) => name) ?? [];
    expect(peaks('P5')).toContain('b');
    expect(peaks('P3')).not.toContain('b');
    const indium = result.spectra.find(
      ({ label, edge }) => label === 'anode cycled' && edge === 'In K',
    )?.edge_shift_eV;
    expect(Math.abs((indium?.value ?? 0) - 1)).toBeLessThan(3 * (indium?.sigma ?? 0));
    expect(indium?.value).toBeGreaterThan(2 * (indium?.sigma ?? 9));
  });

  it('fails nowhere and leaves every file that it names', () => {
    expect(result.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    for (const file of [
      'result.nxs',
      'report.html',
      'ro-crate-metadata.json',
      ...result.figures.flatMap(({ files }) => files),
    ])
      expect(existsSync(join(folder, file)), file).toBe(true);
  });

  it('computes and writes nothing the second time', () => {
    const written = statSync(join(folder, 'result.nxs')).mtimeMs;
    const again = interphase(['run', example, '--out', folder, '--json']);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(result);
    expect(statSync(join(folder, 'result.nxs')).mtimeMs).toBe(written);
  });

  it('redraws figures and the page from what is stored', () => {
    expect(interphase(['figures', folder, '--figure', 'x-profile', '--format', 'pdf']).status).toBe(0);
    expect(existsSync(join(folder, 'figures', 'x-profile.pdf'))).toBe(true);
    expect(interphase(['report', folder]).status).toBe(0);
    expect(interphase(['figures', example]).status).toBe(2);
  });
});
