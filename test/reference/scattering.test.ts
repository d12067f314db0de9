import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { dispersion, energyOfWavelength_eV } from '../../src/reference/dispersion.js';
import { elementSymbols } from '../../src/reference/elements.js';
import { type FormFactorCurve, formFactorCurve } from '../../src/reference/form-factor-curve.js';
import { formFactor, formFactorAt, ionName } from '../../src/reference/form-factors.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const f0 = (
  element: string,
  charge: number,
  s: number,
  set: 'waasmaier-kirfel' | 'itc' = 'waasmaier-kirfel',
) => formFactorAt(formFactor(element, charge, set), s * s);

describe('form factors', () => {
  it('count the electrons at s = 0', () => {
    for (const symbol of elementSymbols().slice(0, 92)) {
      const z = elementSymbols().indexOf(symbol) + 1;
      expect(Math.abs(f0(symbol, 0, 0) - z), symbol).toBeLessThan(0.1);
      expect(Math.abs(f0(symbol, 0, 0, 'itc') - z), symbol).toBeLessThan(0.1);
    }
    expect(f0('Y', 3, 0)).toBeCloseTo(36, 1);
    expect(f0('In', 3, 0)).toBeCloseTo(46, 1);
    expect(f0('Cl', -1, 0)).toBeCloseTo(18, 1);
    expect(f0('Li', 1, 0)).toBeCloseTo(2, 1);
  });

  it('are interpolated within 1e-5 of an electron, and as the table says beyond its end', () => {
    const at = (curve: FormFactorCurve, s2: number): number => {
      const f0 = new Float64Array(1);
      curve.fill(Float64Array.of(s2), f0);
      return f0[0]!;
    };
    for (const set of ['waasmaier-kirfel', 'itc'] as const) {
      for (const symbol of elementSymbols().slice(0, 92)) {
        const curve = formFactorCurve(symbol, 0, set);
        for (let s2 = 0.00037; s2 < 4; s2 = 1.05 * s2 + 0.00031) {
          const off = Math.abs(at(curve, s2) - formFactorAt(curve.factor, s2));
          expect(off, `${symbol} at ${s2}`).toBeLessThan(1e-5);
        }
        expect(at(curve, 50)).toBe(formFactorAt(curve.factor, 50));
      }
    }
    expect(formFactorCurve('Y', 3)).toBe(formFactorCurve('Y', 3));
    expect(() => formFactorCurve('Xx', 0)).toThrow(InputError);
  });

  it('the two tables agree within .1 % below s = .4 for the elements of the cell', () => {
    for (const [element, charge] of [
      ['Li', 0],
      ['Li', 1],
      ['Cl', 0],
      ['Cl', -1],
      ['Y', 0],
      ['In', 0],
      ['In', 3],
    ] as const)
      for (let s = 0.05; s <= 0.4; s += 0.05)
        expect(Math.abs(f0(element, charge, s) / f0(element, charge, s, 'itc') - 1)).toBeLessThan(1e-3);
  });

  it('evaluates the International Tables as printed', () => {
    // In: 19.1624 18.5596 4.2948 2.0396 | .5476 6.3776 25.8499 92.8029 | 4.9391
    const s2 = 0.04;
    const sum =
      19.1624 * Math.exp(-0.5476 * s2) +
      18.5596 * Math.exp(-6.3776 * s2) +
      4.2948 * Math.exp(-25.8499 * s2) +
      2.0396 * Math.exp(-92.8029 * s2) +
      4.9391;
    expect(f0('In', 0, 0.2, 'itc')).toBeCloseTo(sum, 9);
  });

  it('says what it took for an ion that a table lacks', () => {
    expect(formFactor('Y', 3).source).toBe('Y3+ (itc)');
    expect(formFactor('In', 3).source).toBe('In3+ (waasmaier-kirfel)');
    expect(formFactor('S', 6).source).toBe('S (waasmaier-kirfel)');
    expect(formFactor('Y', 3, 'neutral').source).toBe('Y (waasmaier-kirfel)');
    expect(() => formFactor('Xx', 0)).toThrow(InputError);
  });

  it('names ions as the tables do', () => {
    expect(ionName('O', -2)).toBe('O2-');
    expect(ionName('Y', 3)).toBe('Y3+');
    expect(ionName('In', 0)).toBe('In');
  });
});

describe("f' and f'' (Chantler)", () => {
  // Cromer-Liberman at 10 keV; the tables differ by up to .03 e in f' and 2 % in f''
  it.each([
    ['Li', 0.001, 0.0002],
    ['Cl', 0.305, 0.469],
    ['Y', -0.59, 1.378],
    ['In', 0.073, 3.486],
  ])('%s at 10 keV', (symbol, real, imaginary) => {
    const f = dispersion(symbol, 10_000);
    expect(Math.abs(f.real - real)).toBeLessThan(0.035);
    expect(Math.abs(f.imaginary / imaginary - 1)).toBeLessThan(0.02);
  });

  it('covers 1 to 100 keV up to uranium, and jumps at an edge', () => {
    for (const symbol of elementSymbols().slice(0, 92))
      for (const energy of [1000, 8048, 17_000, 99_999]) {
        const f = dispersion(symbol, energy);
        expect(Number.isFinite(f.real)).toBe(true);
        expect(f.imaginary).toBeGreaterThan(0);
      }
    expect(dispersion('Y', 17_100).imaginary / dispersion('Y', 16_950).imaginary).toBeGreaterThan(5);
    expect(dispersion('Y', 17_040).real).toBeLessThan(-6);
  });

  it('refuses what is not tabulated', () => {
    expect(() => dispersion('Y', 17.038)).toThrow(/check the wavelength/);
    expect(() => dispersion('Y', 200_000)).toThrow(InputError);
    expect(() => dispersion('Np', 10_000)).toThrow(InputError);
  });

  it('turns wavelengths into energies', () => {
    expect(energyOfWavelength_eV(1.239842)).toBeCloseTo(10_000, 1);
    expect(energyOfWavelength_eV(1.540593)).toBeCloseTo(8047.8, 1);
  });
});

describeReal("Chantler's own files", () => {
  it.each([
    ['03', 'Li', 3],
    ['17', 'Cl', 17],
    ['39', 'Y', 39],
    ['49', 'In', 49],
  ] as const)('%s: our thinned table follows the original from 1 to 100 keV', (file, symbol, z) => {
    const text = readFileSync(`${sharedData}reference/xraydb_chantler_fine_${file}.dat`, 'utf8');
    const corrections = /correction estimate frel \(H82,3\/5CL\) = *\S+, *(\S+)/.exec(text)!;
    const thomson = Number(/correction fNT = *(\S+)/.exec(text)![1]);
    let checked = 0;
    for (const line of text.split('\n')) {
      if (!/^\s*\d/.test(line)) continue;
      const [energy_keV, f1, f2] = line.trim().split(/\s+/).map(Number) as [number, number, number];
      if (energy_keV < 1.001 || energy_keV > 99) continue;
      const f = dispersion(symbol, 1000 * energy_keV);
      expect(Math.abs(f.real - (f1 - z + Number.parseFloat(corrections[1]!) + thomson))).toBeLessThan(0.005);
      expect(Math.abs(f.imaginary / f2 - 1)).toBeLessThan(0.004);
      checked++;
    }
    expect(checked).toBeGreaterThan(300);
  });
});
