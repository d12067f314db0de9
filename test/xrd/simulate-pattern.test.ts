import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { builtInPhase, li3ycl6 } from '../../src/xrd/crystal/built-in-phases.js';
import { betaOfU, bOfU_A2 } from '../../src/xrd/crystal/debye-waller.js';
import { buildLineTable, findLine, lineFamilies } from '../../src/xrd/crystal/line-table.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import { absorptionFactor } from '../../src/xrd/pattern/absorption.js';
import {
  angleGrid,
  type SimulationOptions,
  simulatePattern,
  widthToW,
} from '../../src/xrd/pattern/simulate-pattern.js';

const OPTIONS: SimulationOptions = {
  wavelength_A: 1.2398,
  integration: 'mean-per-pixel',
  twoTheta_deg: angleGrid(10, 45, 0.02),
  widths: { W: widthToW(0.15) },
};

const areaBetween = (twoTheta: Float64Array, y: Float64Array, from: number, to: number): number => {
  let sum = 0;
  for (let i = 1; i < y.length; i++)
    if (twoTheta[i]! > from && twoTheta[i]! < to) sum += y[i]! * (twoTheta[i]! - twoTheta[i - 1]!);
  return sum;
};

describe('simulated patterns', () => {
  it('hold their lines: position, width, area', () => {
    const { twoTheta_deg, intensity, lines } = simulatePattern([{ structure: builtInPhase('In') }], OPTIONS);
    const line = lines.find(({ hkl }) => hkl.join() === '1,0,1')!;
    expect(line.twoTheta_deg).toBeCloseTo(26.373, 2);
    expect(line.fwhm_deg).toBeCloseTo(0.15, 4);
    const top = intensity.indexOf(Math.max(...intensity));
    expect(twoTheta_deg[top]).toBeCloseTo(26.373, 1);
    expect(intensity[top]).toBeCloseTo(100, 6);
    expect(areaBetween(twoTheta_deg, intensity, 25.4, 27.4) / line.area).toBeCloseTo(1, 2);
  });

  it('keep phases by weight: equal weights of one phase twice are one phase', () => {
    const structure = builtInPhase('LiIn');
    const once = simulatePattern([{ structure }], OPTIONS);
    const twice = simulatePattern([{ structure, weight: 3 }, { structure }], OPTIONS);
    for (let i = 0; i < once.intensity.length; i += 50)
      expect(twice.intensity[i]).toBeCloseTo(once.intensity[i]!, 6);
    expect(twice.phases.map((p) => p.weightFraction)).toEqual([0.75, 0.25]);
  });

  it('scale phases as Hill and Howard: I per weight goes as m|F|^2 / (Z M V)', () => {
    const [a, b] = [builtInPhase('LiIn'), builtInPhase('LiCl')];
    const mixed = simulatePattern([{ structure: a }, { structure: b }], OPTIONS);
    const area = (name: string, hkl: string) =>
      mixed.lines.find((l) => l.phase === name && l.hkl.join() === hkl)!.area;
    const per = (structure: PhaseStructure, h: number, k: number, l: number) => {
      const t = buildLineTable(structure, { wavelength_A: 1.2398, twoThetaMin_deg: 10, twoThetaMax_deg: 45 });
      const line = findLine(t, h, k, l);
      const sin = Math.sin((t.twoTheta_deg[line]! * Math.PI) / 360);
      const lorentz = 1 / (sin * sin * Math.sqrt(1 - sin * sin));
      return (t.i0[line]! * lorentz) / (t.Z * t.formulaMass * t.cellVolume_A3);
    };
    expect(area('LiIn', '2,2,0') / area('LiCl', '2,0,0')).toBeCloseTo(per(a, 2, 2, 0) / per(b, 2, 0, 0), 6);
  });

  it('put the dopant in', () => {
    const at = (amount: number) => {
      const { lines } = simulatePattern(
        [{ structure: li3ycl6(), substitution: { kind: 'in-on-6h' }, amount }],
        OPTIONS,
      );
      const area = (hkl: string) => lines.find((l) => l.hkl.join() === hkl)!.area;
      return area('3,0,2') / area('3,0,1');
    };
    expect(at(0.2) / at(0)).toBeCloseTo(1.221, 3);
    expect(at(0.8)).toBeGreaterThan(at(0.6));
  });

  it('shift, broaden, texture and tilt as told', () => {
    const structure = builtInPhase('In');
    const line = (options: Partial<SimulationOptions>, phase = {}) => {
      const { lines } = simulatePattern([{ structure, ...phase }], { ...OPTIONS, ...options });
      return (hkl: string) => lines.find((l) => l.hkl.join() === hkl)!;
    };
    const plain = line({});
    expect(line({ zero_deg: 0.05 })('1,0,1').twoTheta_deg - plain('1,0,1').twoTheta_deg).toBeCloseTo(0.05, 9);
    const displaced = line({ displacement: { offset_um: 100, radius_mm: 200 } });
    const shift = ((-2 * 0.1) / 200) * (180 / Math.PI) * Math.cos((26.373 * Math.PI) / 360);
    expect(displaced('1,0,1').twoTheta_deg - plain('1,0,1').twoTheta_deg).toBeCloseTo(shift, 4);
    expect(line({}, { size_um: 0.02 })('1,0,1').fwhm_deg).toBeGreaterThan(0.25);
    const textured = line({}, { texture: { r: 0.7, axis: [0, 0, 1] } });
    const ratio = (of: typeof plain) => of('0,0,2').area / of('1,1,0').area;
    expect(ratio(textured) / ratio(plain)).toBeCloseTo(0.7 ** -3 / 0.7 ** 1.5, 6);
    const polarised = line({ polarisation: { horizontalFraction: 1, azimuth_deg: 90 } });
    expect(polarised('1,0,1').area / polarised('2,0,0').area).toBeCloseTo(
      plain('1,0,1').area / plain('2,0,0').area,
      9,
    );
  });

  it('add a background and a second wavelength', () => {
    const structure = builtInPhase('LiCl');
    const flat = simulatePattern([{ structure }], { ...OPTIONS, background: [7] });
    expect(Math.min(...flat.intensity)).toBeCloseTo(7, 1);
    const doublet = simulatePattern([{ structure }], {
      ...OPTIONS,
      wavelength_A: [
        { lambda_A: 1.54056, weight: 2 },
        { lambda_A: 1.54439, weight: 1 },
      ],
      widths: { W: widthToW(0.04) },
      twoTheta_deg: angleGrid(48, 52, 0.01),
    });
    const y = doublet.intensity;
    const peaks = [...y.keys()].filter((i) => y[i]! > 10 && y[i]! > y[i - 1]! && y[i]! > y[i + 1]!);
    expect(peaks).toHaveLength(2);
    expect(y[peaks[1]!]! / y[peaks[0]!]!).toBeCloseTo(0.5, 1);
  });

  it('refuse what cannot be', () => {
    const structure = builtInPhase('In');
    expect(() => simulatePattern([], OPTIONS)).toThrow(InputError);
    expect(() => simulatePattern([{ structure, weight: -1 }], OPTIONS)).toThrow(InputError);
    expect(() => simulatePattern([{ structure }], { ...OPTIONS, wavelength_A: 0 })).toThrow(InputError);
    expect(() => angleGrid(40, 10, 0.02)).toThrow(InputError);
    expect(() =>
      simulatePattern([{ structure: li3ycl6(), substitution: { kind: 'in-on-6h' }, amount: 1.2 }], OPTIONS),
    ).toThrow(/cannot take 1.2/);
  });
});

describe('displacement', () => {
  const table = (structure: PhaseStructure) =>
    buildLineTable(structure, { wavelength_A: 1.2398, twoThetaMin_deg: 10, twoThetaMax_deg: 60 });
  const withU = (
    structure: PhaseStructure,
    U: readonly number[] | null,
    B: number | null,
  ): PhaseStructure => ({
    ...structure,
    sites: structure.sites.map((site) => ({ ...site, B_A2: B, U_A2: U as never })),
  });

  it('an isotropic tensor is an isotropic B, in a skew cell too', () => {
    const structure = li3ycl6();
    // isotropic U in fractional axes of a hexagonal cell: U12 = U11 / 2
    const u = 0.02;
    const [a, b] = [
      table(withU(structure, [u, u, u, 0, 0, u / 2], null)),
      table(withU(structure, null, bOfU_A2(u))),
    ];
    for (let i = 0; i < a.count; i++) expect(Math.abs(a.i0[i]! / b.i0[i]! - 1)).toBeLessThan(1e-9);
  });

  it('beta follows its definition', () => {
    const cell = { a_A: 4, b_A: 5, c_A: 6, alpha_deg: 90, beta_deg: 90, gamma_deg: 90 };
    const beta = betaOfU(cell, [0.01, 0.02, 0.03, 0, 0.005, 0]);
    expect(beta[0]).toBeCloseTo((2 * Math.PI ** 2 * 0.01) / 16, 12);
    expect(beta[4]).toBeCloseTo((2 * Math.PI ** 2 * 0.005) / 24, 12);
  });

  it('forced B by element wins over the structure', () => {
    const structure = withU(builtInPhase('In'), null, 5);
    const line = (B_A2?: Record<string, number>) => {
      const t = buildLineTable(structure, {
        wavelength_A: 1.2398,
        twoThetaMin_deg: 10,
        twoThetaMax_deg: 60,
        B_A2,
      });
      return { i: t.i0[0]!, s2: 1 / (4 * t.d_A[0]! ** 2) };
    };
    expect(line({ In: 1 }).i / line().i).toBeCloseTo(Math.exp(2 * 4 * line().s2), 9);
  });
});

describe('tables in another cell', () => {
  it('move with the cell', () => {
    const structure = li3ycl6();
    const longer = { ...structure, cell: { ...structure.cell, c_A: structure.cell.c_A * 1.01 } };
    const range = { wavelength_A: 1.2398, twoThetaMin_deg: 10, twoThetaMax_deg: 40 };
    const [before, after] = [buildLineTable(structure, range), buildLineTable(longer, range)];
    const at = (t: typeof before, h: number, k: number, l: number) => t.twoTheta_deg[findLine(t, h, k, l)]!;
    expect(at(after, 1, 1, 0)).toBeCloseTo(at(before, 1, 1, 0), 12);
    expect(at(after, 0, 0, 2)).toBeLessThan(at(before, 0, 0, 2));
  });

  it('keeps accidental overlaps apart, and lines of one form together', () => {
    const cubic = buildLineTable(builtInPhase('LiCl'), {
      wavelength_A: 0.5,
      twoThetaMin_deg: 5,
      twoThetaMax_deg: 60,
    });
    expect(
      lineFamilies(cubic)
        [findLine(cubic, 3, 3, 3)]!.map((f) => f.hkl.join())
        .sort(),
    ).toEqual(['3,3,3', '5,1,1']);
    const square: PhaseStructure = {
      ...builtInPhase('In'),
      cell: { ...builtInPhase('In').cell, c_A: 3.2523 },
    };
    const t = buildLineTable(square, { wavelength_A: 1.2398, twoThetaMin_deg: 5, twoThetaMax_deg: 60 });
    const at110 = [...t.twoTheta_deg].filter(
      (angle) => Math.abs(angle - t.twoTheta_deg[findLine(t, 1, 1, 0)]!) < 1e-6,
    );
    expect(at110).toHaveLength(2);
  });
});

describe('absorption', () => {
  it('vanishes with the sample, and a plate in transmission loses the high angles', () => {
    expect(absorptionFactor(40, { kind: 'transmission', muT: 0 })).toBe(1);
    const factor = (angle: number) => absorptionFactor(angle, { kind: 'transmission', muT: 1 });
    // mean over depth of exp(-z - (1 - z) s) / exp(-1), s = 1 / cos 60 deg
    expect(factor(60)).toBeCloseTo(1 - Math.exp(-1), 12);
    expect(factor(30)).toBeGreaterThan(factor(60));
    expect(factor(100)).toBe(0);
  });

  it('a thick plate in reflection has none, a thin one favours low angles', () => {
    expect(absorptionFactor(40, { kind: 'reflection', muT: 50 })).toBeCloseTo(1, 12);
    const thin = (angle: number) => absorptionFactor(angle, { kind: 'reflection', muT: 1e-4 });
    expect(thin(20) / thin(60)).toBeCloseTo(0.5 / Math.sin(Math.PI / 18), 2);
  });

  it('a capillary follows the integral over its section, straight through', () => {
    for (const muR of [0.1, 0.5, 1]) {
      let integral = 0;
      const steps = 2000;
      for (let i = 0; i < steps; i++) {
        const x = -1 + (2 * (i + 0.5)) / steps;
        const chord = 2 * Math.sqrt(1 - x * x);
        integral += (chord * Math.exp(-muR * chord) * 2) / steps / Math.PI;
      }
      expect(Math.abs(absorptionFactor(0.001, { kind: 'cylinder', muR }) / integral - 1)).toBeLessThan(0.01);
    }
    expect(() => absorptionFactor(30, { kind: 'cylinder', muR: 3 })).toThrow(InputError);
    expect(() => absorptionFactor(30, { kind: 'reflection', muT: -1 })).toThrow(InputError);
  });
});
