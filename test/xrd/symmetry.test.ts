import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hall_symbol_entry, initSync, operations_from_number } from '@spglib/moyo-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import {
  cellOfMetric,
  cellVolume_A3,
  cubicCell,
  dSpacing_A,
  hexagonalCell,
  invertMetric,
  metric,
  reciprocalMetric,
  symmetrizeMetric,
} from '../../src/xrd/crystal/cell.js';
import { equivalentsOf, isExtinct, reflectionFamilies } from '../../src/xrd/crystal/reflections.js';
import { prepareFamilies, siteAmplitudes } from '../../src/xrd/crystal/site-amplitudes.js';
import { siteCopies, siteMultiplicity } from '../../src/xrd/crystal/site-orbit.js';
import {
  findByHallSymbol,
  findByOperations,
  findSpaceGroup,
  settingsOf,
  spaceGroupByHallNumber,
} from '../../src/xrd/crystal/space-groups.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import {
  closeGroup,
  composeOperations,
  determinant,
  formatOperation,
  isSameGroup,
  parseOperation,
  type SymmetryOperation,
} from '../../src/xrd/crystal/symmetry.js';

const names = (operations: readonly SymmetryOperation[]) => operations.map(formatOperation).sort();

describe('space groups', () => {
  beforeAll(() => {
    const wasm = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
    initSync({ module: readFileSync(wasm) });
  });

  it('all 530 settings have the operations that moyo gives', () => {
    for (let hall = 1; hall <= 530; hall++) {
      const { number } = hall_symbol_entry(hall);
      const theirs = operations_from_number(number, { type: 'HallNumber', value: hall }, false).map(
        ({ rotation: r, translation: t }) =>
          parseOperation(
            formatOperation({
              rotation: [r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]],
              translation: t,
            }),
          ),
      );
      const group = spaceGroupByHallNumber(hall);
      expect(names(group.operations), group.fullSymbol).toEqual(names(theirs));
    }
  });

  it('every symbol finds its own group, bare and with its setting', () => {
    for (let hall = 1; hall <= 530; hall++) {
      const own = spaceGroupByHallNumber(hall);
      for (const symbol of [own.shortSymbol, own.fullSymbol, own.shortSymbol.replaceAll(' ', '')])
        expect(findSpaceGroup(symbol).group.number, symbol).toBe(own.number);
      const exact = own.setting ? `${own.fullSymbol}:${own.setting}` : own.fullSymbol;
      expect(names(findSpaceGroup(exact).group.operations), exact).toEqual(names(own.operations));
      // two settings of C c c e share a Hall symbol, and their operations
      expect(names(findByHallSymbol(own.hallSymbol)!.operations)).toEqual(names(own.operations));
    }
    for (let number = 1; number <= 230; number++) {
      expect(findSpaceGroup(number).group.number).toBe(number);
      expect(settingsOf(number).length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['P-3m1', 164, 12],
    ['Fd3m', 227, 192],
    ['F d -3 m S', 227, 192],
    ['P 21/n', 14, 4],
    ['P21/c', 14, 4],
    ['Cmca', 64, 16],
    ['C c m b', 64, 16],
    ['B b c m', 64, 16],
    ['A c 2 m', 39, 8],
    ['C c c b:1', 68, 16],
    ['H -3 m', 166, 36],
    ['C m c e', 64, 16],
    ['R-3m:R', 166, 12],
    ['R -3 m H', 166, 36],
    ['P6_3/mmc', 194, 24],
    ['I a 3 d', 230, 96],
    ['Pbnm', 62, 8],
  ])('%s', (symbol, number, order) => {
    const { group } = findSpaceGroup(symbol);
    expect([group.number, group.operations.length]).toEqual([number, order]);
  });

  it('lets the cell choose the axes', () => {
    const monoclinic = { ...cubicCell(5), gamma_deg: 100 };
    expect(findSpaceGroup('P 21/c', monoclinic).group.setting[0]).toBe('c');
    expect(
      findSpaceGroup(166, { ...cubicCell(5), alpha_deg: 80, beta_deg: 80, gamma_deg: 80 }).group.setting,
    ).toBe('R');
    expect(findSpaceGroup(166, hexagonalCell(5, 9)).group.setting).toBe('H');
  });

  it.each(['P 99', '0', '231', ''])("'%s' is none", (symbol) => {
    expect(() => findSpaceGroup(symbol)).toThrow(InputError);
  });
});

describe('operations', () => {
  it('reads the forms that CIFs use', () => {
    for (const text of ['-x+y,y,1/2-z', ' - X + Y , Y , 0.5 - Z ', 'y-x,y,-z+.5'])
      expect(formatOperation(parseOperation(text))).toBe('-x+y,y,-z+1/2');
    for (const text of ['x,y', 'x,y,z,t', 'x,y,q', 'x,x,z', 'x y,y,z', 'x,y,1/0'])
      expect(() => parseOperation(text), text).toThrow(InputError);
  });

  it('products stay in the group, and rotations keep volume', () => {
    const operations = findSpaceGroup('I 41/a m d:2').group.operations;
    const known = new Set(operations.map(formatOperation));
    fc.assert(
      fc.property(fc.constantFrom(...operations), fc.constantFrom(...operations), (a, b) => {
        expect(known.has(formatOperation(composeOperations(a, b)))).toBe(true);
        expect(Math.abs(determinant(a.rotation))).toBe(1);
      }),
    );
  });

  it('refuses what closes no group', () => {
    expect(() => closeGroup([parseOperation('x,y,z+0.173')])).toThrow(/do not form a space group/);
  });
});

describe('cells', () => {
  const cell = { a_A: 5.1, b_A: 6.3, c_A: 7.7, alpha_deg: 82, beta_deg: 97, gamma_deg: 111 };

  it('metric and reciprocal metric invert each other', () => {
    const back = cellOfMetric(invertMetric(reciprocalMetric(cell)));
    for (const [key, value] of Object.entries(cell))
      expect(back[key as keyof typeof cell]).toBeCloseTo(value, 9);
    expect(cellVolume_A3(cubicCell(3))).toBeCloseTo(27, 12);
    expect(dSpacing_A(hexagonalCell(11.209337, 6.046941), 3, 0, 2)).toBeCloseTo(2.209, 3);
  });

  it('symmetry forces a metric into shape', () => {
    const rotations = findSpaceGroup('P m -3 m').group.operations.flatMap((o) => o.rotation);
    const shaped = cellOfMetric(symmetrizeMetric(metric(cell), rotations));
    expect(shaped.a_A).toBeCloseTo(shaped.c_A, 9);
    expect(shaped.gamma_deg).toBeCloseTo(90, 9);
  });
});

describe('symbols of one group in several settings', () => {
  const operationsOf = (symbol: string) => findSpaceGroup(symbol).group.operations;

  it('before the e glide told two settings apart that share a name now', () => {
    expect(isSameGroup(operationsOf('C m m a'), operationsOf('C m m b'))).toBe(false);
    expect(isSameGroup(operationsOf('C m m a'), operationsOf('C m m e'))).toBe(true);
    expect(isSameGroup(operationsOf('A c m m'), findByHallSymbol('-A 2 2b')!.operations)).toBe(true);
  });

  it('have two origins on permuted axes, too', () => {
    expect(isSameGroup(operationsOf('P n c b:1'), findByHallSymbol('P 2 2 -1bc')!.operations)).toBe(true);
    expect(isSameGroup(operationsOf('P n c b:2'), findByHallSymbol('-P 2b 2bc')!.operations)).toBe(true);
    expect(findSpaceGroup('P n c b').assumed).toBe('origin choice 2');
  });

  it('write the two-fold axis of Hall symbols with a quotation mark or an equals sign', () => {
    expect(findByHallSymbol('-P 3 2"')!.number).toBe(164);
    expect(findByHallSymbol('-P 3 2=')!.number).toBe(164);
  });

  it('are found by their operations alone', () => {
    for (const symbol of ['P -3 m 1', 'P 1 21/n 1', 'F d -3 m:1', 'P n c b:2', 'P 1', 'R -3 c:R']) {
      const { group } = findSpaceGroup(symbol);
      const shuffled = [...group.operations].reverse();
      const found = findByOperations(shuffled)!;
      expect(found.number, symbol).toBe(group.number);
      expect(isSameGroup(spaceGroupByHallNumber(found.hallNumber).operations, shuffled)).toBe(true);
    }
    expect(findByOperations(closeGroup([parseOperation('x+1/2,y+1/2,z'), parseOperation('-x,-y,-z')]))).toBe(
      null,
    );
  });
});

describe('reflections', () => {
  it('families cover the sphere once, extinct ones apart', () => {
    for (const [symbol, shape] of [
      ['P -3 m 1', hexagonalCell(5, 7)],
      ['F d -3 m:2', cubicCell(6)],
      ['P 1', { ...cubicCell(4), alpha_deg: 80, beta_deg: 95, gamma_deg: 105 }],
      ['C 1 2/c 1', { ...cubicCell(6), beta_deg: 110 }],
      ['I 41/a m d:2', { ...cubicCell(4), c_A: 9 }],
    ] as const) {
      const { operations } = findSpaceGroup(symbol).group;
      const families = reflectionFamilies(reciprocalMetric(shape), operations, 0, 1);
      const seen = new Set<string>();
      for (let j = 0; j < families.count; j++) {
        const [h, k, l] = families.hkl.subarray(3 * j, 3 * j + 3);
        const equivalents = equivalentsOf([h!, k!, l!], operations);
        expect(equivalents).toHaveLength(families.multiplicity[j]!);
        for (const hkl of equivalents) {
          expect(seen.has(hkl.join())).toBe(false);
          seen.add(hkl.join());
        }
      }
      let expected = 0;
      for (let h = -12; h <= 12; h++)
        for (let k = -12; k <= 12; k++)
          for (let l = -12; l <= 12; l++)
            if ((h || k || l) && dSpacing_A(shape, h, k, l) >= 1 && !isExtinct(operations, h, k, l))
              expected++;
      expect(seen.size, symbol).toBe(expected);
    }
  });

  it('are the same whatever cells of the group were asked for before, and for the same operations in new objects', () => {
    const { operations } = findSpaceGroup('P 63/m m c').group;
    const copy = () => operations.map(({ rotation, translation }) => ({ rotation, translation }));
    const at = (a: number, c: number, q: number, list = operations) => {
      const { count, hkl, multiplicity, inverseD2 } = reflectionFamilies(
        reciprocalMetric(hexagonalCell(a, c)),
        list,
        0,
        q,
      );
      return { count, hkl: [...hkl], multiplicity: [...multiplicity], inverseD2: [...inverseD2] };
    };
    const small = at(3, 5, 1);
    const large = at(9, 14, 2);
    at(3, 60, 1);
    expect(at(3, 5, 1, copy())).toEqual(small);
    expect(at(9, 14, 2, copy())).toEqual(large);
    expect(at(3, 5, 1, copy().slice(0, 12)).count).not.toBe(small.count);
  });

  it('knows the extinctions of diamond', () => {
    const { operations } = findSpaceGroup('F d -3 m:2').group;
    expect(isExtinct(operations, 2, 0, 0)).toBe(true);
    expect(isExtinct(operations, 2, 2, 0)).toBe(false);
    expect(isExtinct(operations, 1, 1, 0)).toBe(true);
    expect(isExtinct(operations, 1, 1, 1)).toBe(false);
  });

  it('refuses ranges with millions of lines', () => {
    expect(() => reflectionFamilies(reciprocalMetric(cubicCell(900)), [], 0, 4)).toThrow(InputError);
  });
});

describe('copies of a site', () => {
  /** Every image, wrapped into the cell, those nearer than .05 angstrom counted once. */
  function naive(structure: PhaseStructure, [x, y, z]: readonly [number, number, number]): number[][] {
    const found: number[][] = [];
    for (const { rotation: r, translation: t } of structure.operations) {
      const image = [0, 1, 2].map((i) => r[3 * i]! * x + r[3 * i + 1]! * y + r[3 * i + 2]! * z + t[i]!);
      const isSame = (other: number[]) =>
        image.every((v, i) => Math.abs(v - other[i]! - Math.round(v - other[i]!)) < 1e-6);
      if (!found.some(isSame)) found.push(image);
    }
    return found;
  }

  it.each([
    ['P -3 m 1', hexagonalCell(5, 7)],
    ['F d -3 m:1', cubicCell(6)],
    ['F d -3 m:2', cubicCell(6)],
    ['I -4 3 d', cubicCell(6)],
    ['P 21 21 21', cubicCell(6)],
    ['C 1 2/c 1', { ...cubicCell(6), beta_deg: 110 }],
    ['R -3 c:H', hexagonalCell(5, 13)],
  ] as const)('are those of every operation in %s, and their sum is the same', (symbol, cell) => {
    const { operations } = findSpaceGroup(symbol).group;
    for (const position of [
      [0.13, 0.27, 0.41],
      [0.1, 0.1, 0.1],
      [0, 0, 0],
      [0.25, 0.25, 0.25],
      [0.5, 0.1, 0],
    ] as const) {
      const site = { label: 'A', occupants: [], position: [...position] as const, B_A2: 0, U_A2: null };
      const structure = { ...builtInPhase('In'), cell, operations, sites: [site] };
      const expected = naive(structure, position);
      const copies = siteCopies(structure, site);
      expect(siteMultiplicity(structure, site)).toBe(expected.length);
      expect(copies).toHaveLength(3 * expected.length);
      const families = reflectionFamilies(reciprocalMetric(cell), operations, 0, 0.5);
      const { real, imaginary } = siteAmplitudes(
        structure,
        site,
        prepareFamilies(structure, families),
        false,
      );
      for (let j = 0; j < families.count; j++) {
        const [h, k, l] = families.hkl.subarray(3 * j, 3 * j + 3);
        const phases = expected.map(([x, y, z]) => 2 * Math.PI * (h! * x! + k! * y! + l! * z!));
        expect(real[j]).toBeCloseTo(
          phases.reduce((sum, phase) => sum + Math.cos(phase), 0),
          8,
        );
        expect(imaginary?.[j] ?? 0).toBeCloseTo(
          phases.reduce((sum, phase) => sum + Math.sin(phase), 0),
          8,
        );
      }
    }
  });

  it('moves a site onto the special position that it comes near, and then onto a more special one', () => {
    const { operations } = findSpaceGroup('P m -3 m').group;
    const site = { label: 'A', occupants: [], position: [0.004, 0.004, 0.003] as const, B_A2: 0, U_A2: null };
    const structure = { ...builtInPhase('In'), cell: cubicCell(5), operations, sites: [site] };
    expect(siteMultiplicity(structure, site)).toBe(1);
  });
});
