import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  attenuationLength_um,
  compoundAttenuation_cm2_g,
  massAttenuation_cm2_g,
} from '../../src/reference/attenuation.js';
import { coreWidth_eV, edgeEnergy_eV, edgeOf, edgesOf, nearestEdge } from '../../src/reference/edges.js';
import { element, elementSymbols, findElement } from '../../src/reference/elements.js';
import { formatFormula, massFractions, molarMass_g_mol, parseFormula } from '../../src/reference/formula.js';
import {
  costerKronigProbability,
  emissionLines,
  excitedLines,
  familyEnergy_eV,
} from '../../src/reference/lines.js';

describe('edges (Elam 2002)', () => {
  it.each([
    ['Cl', 2822.0, 270.0, 202.0, 200.0, 0.0885087, 9.309],
    ['Y', 17038.0, 2373.0, 2156.0, 2080.0, 0.685, 6.814],
    ['In', 27940.0, 4238.0, 3938.0, 3730.0, 0.848505, 6.229],
  ])('%s', (symbol, k, l1, l2, l3, yieldK, jumpK) => {
    expect([k, l1, l2, l3]).toEqual(['K', 'L1', 'L2', 'L3'].map((edge) => edgeEnergy_eV(symbol, edge)));
    expect(edgeOf(symbol, 'k').fluorescenceYield).toBeCloseTo(yieldK, 3);
    expect(edgeOf(symbol, 'K').jumpRatio).toBeCloseTo(jumpK, 3);
  });

  it('knows every element up to uranium and beyond', () => {
    expect(elementSymbols().slice(0, 92)).toHaveLength(92);
    for (const symbol of elementSymbols()) expect(edgesOf(symbol).length).toBeGreaterThan(0);
    expect(element(92).symbol).toBe('U');
    expect(findElement('indium')).toBe('In');
    expect(findElement('Xx')).toBeNull();
  });

  it('reads edge names as people write them', () => {
    expect(edgeEnergy_eV('in', 'LIII')).toBe(3730);
    expect(() => edgeEnergy_eV('Li', 'M5')).toThrow(InputError);
    expect(() => edgeEnergy_eV('Qq', 'K')).toThrow(/no chemical element/);
  });

  it('finds the edge of a scan', () => {
    for (const e of [17038, 17045.5, 17050])
      expect(nearestEdge(e)).toMatchObject({ element: 'Y', edge: 'K' });
    expect(nearestEdge(27936.5)).toMatchObject({ element: 'In', edge: 'K' });
    for (const e of [2819.7, 2822, 2826]) expect(nearestEdge(e)).toMatchObject({ element: 'Cl', edge: 'K' });
    expect(nearestEdge(3939.2, ['Sn'])).toMatchObject({ element: 'Sn', edge: 'L3' });
    expect(nearestEdge(500_000)).toBeNull();
  });

  it('has the core widths', () => {
    expect(coreWidth_eV('Cl', 'K')).toBeCloseTo(0.64, 3);
    expect(coreWidth_eV('Y', 'K')).toBeCloseTo(3.52, 3);
    expect(coreWidth_eV('In', 'K')).toBeCloseTo(7.91, 3);
    expect(coreWidth_eV('Cl', 'K', 'keski-rahkonen')).toBeCloseTo(0.558, 2);
  });
});

describe('lines (Elam 2002)', () => {
  it.each([
    ['Cl', 'Ka1', 2622.0],
    ['Cl', 'Ka2', 2620.0],
    ['Cl', 'Kb1', 2812.0],
    ['Y', 'Ka1', 14958.0],
    ['Y', 'Ka2', 14882.0],
    ['Y', 'Kb1', 16739.2],
    ['Y', 'La1', 1924.2],
    ['In', 'Ka1', 24210.0],
    ['In', 'Ka2', 24002.0],
    ['In', 'Kb1', 27274.7],
    ['In', 'La1', 3286.1],
  ])('%s %s', (symbol, name, energy) => {
    expect(emissionLines(symbol).find((line) => line.name === name)!.energy_eV).toBeCloseTo(energy, 1);
  });

  it('shares of a K or L level sum to one', () => {
    for (const symbol of ['Cl', 'Y', 'In', 'U']) {
      const sums = new Map<string, number>();
      for (const line of emissionLines(symbol))
        sums.set(line.initialLevel, (sums.get(line.initialLevel) ?? 0) + line.share);
      for (const level of ['K', 'L1', 'L2', 'L3'])
        if (sums.has(level)) expect(sums.get(level)).toBeCloseTo(1, 2);
    }
  });

  it('excites only what lies below the photon energy: no indium L lines at 2900 eV', () => {
    const levels = (symbol: string, energy: number) =>
      new Set(excitedLines(symbol, energy).map((line) => line.initialLevel[0]));
    expect(levels('In', 2900)).toEqual(new Set(['M']));
    expect(levels('In', 3800)).toEqual(new Set(['L', 'M']));
    expect(levels('Y', 2900)).toEqual(new Set(['L', 'M']));
    expect(excitedLines('Cl', 2900).find((line) => line.name === 'Ka1')!.strength_cm2_g).toBeGreaterThan(50);
  });

  it('moves holes within a shell (Coster-Kronig)', () => {
    expect(costerKronigProbability('Cu', 'L1', 'L3')).toBeCloseTo(0.681, 3);
    expect(costerKronigProbability('Cu', 'K', 'L3')).toBe(0);
  });

  it('averages a family', () => {
    expect(familyEnergy_eV('Cl', 'Ka')).toBeCloseTo(2621.317, 2);
    expect(familyEnergy_eV('Li', 'Lb')).toBeNull();
  });
});

describe('attenuation (Elam 2002)', () => {
  it('gives the values of XrayDB', () => {
    expect(massAttenuation_cm2_g('In', 27939.9)).toBeCloseTo(47.323961, 5);
    expect(massAttenuation_cm2_g('In', 27940)).toBeCloseTo(47.323531, 5);
    expect(massAttenuation_cm2_g('Li', 500)).toBeCloseTo(2053.921884, 4);
    expect(massAttenuation_cm2_g('Y', 17040, 'photo')).toBeCloseTo(101.641243, 5);
  });

  it('of Li3YCl6 about the Cl K edge', () => {
    expect(compoundAttenuation_cm2_g('Li3YCl6', 2621.317)).toBeCloseTo(781.38, 1);
    expect(compoundAttenuation_cm2_g('Li3YCl6', 2812)).toBeCloseTo(654.41, 1);
    expect(compoundAttenuation_cm2_g('Li3YCl6', 2832)).toBeCloseTo(1600.25, 1);
    expect(attenuationLength_um('In', 7.31, 10_000)).toBeCloseTo(10.4, 1);
  });

  it('total is the sum of its parts', () => {
    const parts = (['photo', 'coherent', 'incoherent'] as const).map((kind) =>
      massAttenuation_cm2_g('Y', 12_345, kind),
    );
    expect(massAttenuation_cm2_g('Y', 12_345)).toBeCloseTo(parts[0]! + parts[1]! + parts[2]!, 9);
  });

  it('refuses energies outside its tables', () => {
    for (const energy of [10, 17.038, Number.NaN, 1e7])
      expect(() => massAttenuation_cm2_g('Y', energy)).toThrow(InputError);
  });
});

describe('formulas', () => {
  it.each([
    ['Li3YCl6', { Li: 3, Y: 1, Cl: 6 }],
    ['Cl6 Li3 Y1', { Cl: 6, Li: 3, Y: 1 }],
    ['Li2.4In0.2YCl6', { Li: 2.4, In: 0.2, Y: 1, Cl: 6 }],
    ['CuSO4.5H2O', { Cu: 1, S: 1, O: 9, H: 10 }],
    ['CuSO4·5H2O', { Cu: 1, S: 1, O: 9, H: 10 }],
    ['Cu(SO4)(H2O)5', { Cu: 1, S: 1, O: 9, H: 10 }],
    ['Ca3[Fe(CN)6]2', { Ca: 3, Fe: 2, C: 12, N: 12 }],
  ])('%s', (text, atoms) => {
    expect(Object.fromEntries(parseFormula(text))).toEqual(atoms);
  });

  it.each(['', 'Li3Yx', 'Xx2', '(LiCl', 'LiCl)', '3', 'li3ycl6'])("refuses '%s'", (text) => {
    expect(() => parseFormula(text)).toThrow(InputError);
  });

  it('writes what it read', () => {
    const atom = fc.tuple(fc.constantFrom(...elementSymbols()), fc.integer({ min: 1, max: 99 }));
    const formula = fc.uniqueArray(atom, { minLength: 1, maxLength: 6, selector: ([symbol]) => symbol });
    fc.assert(
      fc.property(formula, (atoms) => {
        const text = formatFormula(new Map(atoms));
        expect([...parseFormula(text)]).toEqual(atoms);
      }),
    );
  });

  it('weighs', () => {
    expect(molarMass_g_mol(parseFormula('Li3YCl6'))).toBeCloseTo(322.45, 0);
    const sum = [...massFractions(parseFormula('Li3YCl6')).values()].reduce((a, b) => a + b);
    expect(sum).toBeCloseTo(1, 12);
  });
});
