import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { interphase } from '../support/cli.js';

const SETTINGS = ['--wavelength', '1.2398 angstrom', '--integration', 'mean-per-pixel'];
const folder = mkdtempSync(join(tmpdir(), 'interphase-xrd-'));

describe('interphase xrd simulate', () => {
  it('draws x = .1 to .8 for each place that indium can take', () => {
    const [svg, csv] = [join(folder, 'series.svg'), join(folder, 'series.csv')];
    const { status, stdout } = interphase([
      ...['xrd', 'simulate', 'Li3YCl6', ...SETTINGS, '--x', '0.1:0.8:0.1', '--site', '6h,6g,y,y-migration'],
      ...['--out', svg, '--out', csv, '--range', '10:45:0.1', '--json'],
    ]);
    expect(status).toBe(0);
    const { patterns } = JSON.parse(stdout);
    expect(patterns).toHaveLength(32);
    const ratio = ({ lines }: { lines: { hkl: number[]; area: number }[] }) => {
      const area = (hkl: string) => lines.find((line) => line.hkl.join('') === hkl)!.area;
      return area('302') / area('301');
    };
    expect(patterns[1]).toMatchObject({ site: 'in-on-6h', amount: 0.2, formula: 'Li2.4In0.2YCl6' });
    expect(ratio(patterns[1]) / ratio(patterns[0])).toBeCloseTo(1.221 / 1.111, 2);
    const rows = readFileSync(csv, 'utf8').trim().split('\n');
    expect(rows).toHaveLength(352);
    expect(rows[0]!.split(',')).toHaveLength(33);
    const drawing = readFileSync(svg, 'utf8');
    for (const heading of ['In on Li 6h', 'In on Li 6g', 'In on Y', 'Y and Li 6h exchanged'])
      expect(drawing).toContain(heading);
  });

  it('prints lines of a mixture, and writes a pattern that can be read', () => {
    const [xye, pdf] = [join(folder, 'mix.xye'), join(folder, 'figures', 'mix.pdf')];
    const { status, stdout } = interphase([
      ...['xrd', 'simulate', 'Li3YCl6=0.7', 'LiIn=0.3', ...SETTINGS, '--out', xye, '--out', pdf],
    ]);
    expect(status).toBe(0);
    expect(readFileSync(pdf, 'latin1')).toMatch(/^%PDF-/);
    expect(stdout).toMatch(/LiIn\s+220\s+29\.94\d/);
    expect(stdout).toMatch(/Li3YCl6\s+30[12] \+ 03[12]/);
    expect(readFileSync(xye, 'utf8').split('\n').length).toBeGreaterThan(1700);
  });

  it.each([
    ['no wavelength', ['Li3YCl6', '--integration', 'lab'], /no wavelength/],
    ['no convention', ['Li3YCl6', '--wavelength', '10 keV'], /mean-per-pixel, sum-over-ring or lab/],
    ['a bare number', ['Li3YCl6', '--integration', 'lab', '--wavelength', '1.24'], /no unit/],
    ['an unknown phase', ['Li4YCl7', ...SETTINGS], /neither a built-in phase nor a CIF/],
    ['too much indium', ['Li3YCl6', ...SETTINGS, '--x', '1.3'], /amount can be 0 to 1/],
    ['indium on indium', ['In', ...SETTINGS, '--x', '0.1'], /cannot take indium/],
    [
      'an ending',
      ['In', ...SETTINGS, '--out', 'pattern.docx'],
      /use .csv or .xye for the patterns, .svg, .png or .pdf/,
    ],
    ['an axis of zeros', ['In', ...SETTINGS, '--texture', '0,0,0:0.9'], /'0,0,0:0\.9' cannot be read/],
    ['a missing CIF', ['nowhere.cif', ...SETTINGS], /nowhere\.cif/],
  ])('refuses %s in one line, with nothing written', (_, args, message) => {
    const { status, stdout, stderr } = interphase(['xrd', 'simulate', ...args]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(existsSync('pattern.docx')).toBe(false);
  });

  it('lists the phases that it knows', () => {
    const { stdout } = interphase(['xrd', 'simulate', '--list']);
    for (const name of ['Li3YCl6', 'LiIn', 'Li3InCl6', 'InCl3', 'Li3YCl6:ordered'])
      expect(stdout).toContain(name);
  });
});
