import type { Component, Setting } from './components.js';
import { gaussian, lorentzian, step, stepSlope, voigtSlopes } from './lineshapes.js';

/** One component on given energies, with the places of its own parameters among all. */
export interface Term {
  name: string;
  indices: number[];
  /** Adds the component to `out`. */
  add(p: Float64Array, out: Float64Array): void;
  /** Adds its derivative by its k-th own parameter to `out`. */
  addDerivative(p: Float64Array, k: number, out: Float64Array): void;
}

/** Enters a component's parameters among all; returns their places. */
export type Register = (component: string, fields: [string, Setting][]) => number[];

export function buildTerm(energy: Float64Array, component: Component, register: Register): Term {
  switch (component.kind) {
    case 'polynomial':
      return polynomialTerm(energy, component, register);
    case 'step':
      return stepTerm(energy, component, register);
    case 'peak':
      return component.shape === 'voigt'
        ? voigtTerm(energy, component, register)
        : peakTerm(energy, component, register);
  }
}

/**
 * Unit shapes on the energies, computed once for each set of shape parameters: the curve and all its derivatives
 * at one point of a fit need the same exponentials.
 */
class Shapes {
  readonly curves: Float64Array[];
  private readonly key: Float64Array;

  constructor(
    energy: Float64Array,
    count: number,
    parameters: number,
    private readonly compute: (at: Float64Array, curves: Float64Array[]) => void,
  ) {
    this.curves = Array.from({ length: count }, () => new Float64Array(energy.length));
    this.key = new Float64Array(parameters).fill(Number.NaN);
  }

  at(p: Float64Array, indices: readonly number[], first: number): Float64Array[] {
    let same = true;
    for (let k = 0; k < this.key.length; k++) {
      const value = p[indices[first + k]!]!;
      if (value === this.key[k]) continue;
      this.key[k] = value;
      same = false;
    }
    if (!same) this.compute(this.key, this.curves);
    return this.curves;
  }
}

function polynomialTerm(
  energy: Float64Array,
  { name, reference_eV, coefficients }: Extract<Component, { kind: 'polynomial' }>,
  register: Register,
): Term {
  const indices = register(
    name,
    coefficients.map((setting, k) => [`c${k}`, setting]),
  );
  return {
    name,
    indices,
    add: (p, out) => {
      for (let i = 0; i < energy.length; i++) {
        const t = energy[i]! - reference_eV;
        let value = 0;
        for (let k = indices.length - 1; k >= 0; k--) value = value * t + p[indices[k]!]!;
        out[i]! += value;
      }
    },
    addDerivative: (_, k, out) => {
      for (let i = 0; i < energy.length; i++) out[i]! += (energy[i]! - reference_eV) ** k;
    },
  };
}

function stepTerm(
  energy: Float64Array,
  { name, shape, height, centre, fwhm }: Extract<Component, { kind: 'step' }>,
  register: Register,
): Term {
  const indices = register(name, [
    ['height', height],
    ['centre', centre],
    ['fwhm', fwhm],
  ]);
  const shapes = new Shapes(energy, 2, 2, (at, [rise, slope]) => {
    const c = at[0]!;
    const w = at[1]!;
    for (let i = 0; i < energy.length; i++) {
      rise![i] = step(shape, energy[i]! - c, w);
      slope![i] = stepSlope(shape, energy[i]! - c, w);
    }
  });
  return {
    name,
    indices,
    add: (p, out) => {
      const [rise] = shapes.at(p, indices, 1);
      addScaled(out, rise!, p[indices[0]!]!);
    },
    addDerivative: (p, k, out) => {
      const [rise, slope] = shapes.at(p, indices, 1);
      const h = p[indices[0]!]!;
      if (k === 0) addScaled(out, rise!, 1);
      else if (k === 1) addScaled(out, slope!, -h);
      else {
        // Both shapes depend on d / fwhm alone.
        const c = p[indices[1]!]!;
        const scale = -h / p[indices[2]!]!;
        for (let i = 0; i < out.length; i++) out[i]! += scale * (energy[i]! - c) * slope![i]!;
      }
    },
  };
}

type PeakComponent = Extract<Component, { kind: 'peak' }>;

/** Gaussian, Lorentzian, and their weighted sum of one width, the pseudo-Voigt. */
function peakTerm(energy: Float64Array, component: PeakComponent, register: Register): Term {
  const { name, shape } = component;
  const fixed = { value: shape === 'lorentzian' ? 1 : 0, vary: false };
  const indices = register(name, [
    ['area', component.area],
    ['centre', component.centre],
    ['fwhm', component.fwhm],
    ['eta', shape === 'pseudo-voigt' ? (component.eta ?? { value: 0.5, min: 0, max: 1 }) : fixed],
  ]);
  const shapes = new Shapes(energy, 2, 2, (at, [g, l]) => {
    const c = at[0]!;
    const w = at[1]!;
    if (shape !== 'lorentzian') for (let i = 0; i < g!.length; i++) g![i] = gaussian(energy[i]! - c, w);
    if (shape !== 'gaussian') for (let i = 0; i < l!.length; i++) l![i] = lorentzian(energy[i]! - c, w);
  });
  return {
    name,
    indices,
    add: (p, out) => {
      const [g, l] = shapes.at(p, indices, 1);
      const area = p[indices[0]!]!;
      const eta = p[indices[3]!]!;
      if (eta !== 1) addScaled(out, g!, area * (1 - eta));
      if (eta !== 0) addScaled(out, l!, area * eta);
    },
    addDerivative: (p, k, out) => {
      const [g, l] = shapes.at(p, indices, 1);
      const area = p[indices[0]!]!;
      const eta = p[indices[3]!]!;
      if (k === 0 || k === 3) {
        if (k === 3 || eta !== 1) addScaled(out, g!, k === 0 ? 1 - eta : -area);
        if (k === 3 || eta !== 0) addScaled(out, l!, k === 0 ? eta : area);
        return;
      }
      const centre = p[indices[1]!]!;
      const fwhm = p[indices[2]!]!;
      const gauss = (area * (1 - eta)) / fwhm;
      const lorentz = (area * eta) / fwhm;
      // With t = d / fwhm: dG/dt = -8 ln2 t G and dL/dt = -8 t L / (1 + 4 t^2), while the shapes are 1/fwhm times functions of t.
      for (let i = 0; i < out.length; i++) {
        const t = (energy[i]! - centre) / fwhm;
        const along = k === 1 ? t : t * t;
        const level = k === 1 ? 0 : 1;
        if (gauss !== 0) out[i]! += gauss * g![i]! * (8 * Math.LN2 * along - level);
        if (lorentz !== 0) out[i]! += lorentz * l![i]! * ((8 * along) / (1 + 4 * t * t) - level);
      }
    },
  };
}

/** A Gaussian (`fwhm`) and a Lorentzian (`lorentz`) convolved. */
function voigtTerm(energy: Float64Array, component: PeakComponent, register: Register): Term {
  const { name } = component;
  const indices = register(name, [
    ['area', component.area],
    ['centre', component.centre],
    ['fwhm', component.fwhm],
    ['lorentz', component.lorentz ?? { value: 0.5, min: 0 }],
  ]);
  const slopes = new Float64Array(4);
  const shapes = new Shapes(energy, 4, 3, (at, curves) => {
    for (let i = 0; i < energy.length; i++) {
      voigtSlopes(energy[i]! - at[0]!, at[1]!, at[2]!, slopes);
      curves[0]![i] = slopes[0]!;
      curves[1]![i] = -slopes[1]!;
      curves[2]![i] = slopes[2]!;
      curves[3]![i] = slopes[3]!;
    }
  });
  return {
    name,
    indices,
    add: (p, out) => {
      addScaled(out, shapes.at(p, indices, 1)[0]!, p[indices[0]!]!);
    },
    addDerivative: (p, k, out) => {
      addScaled(out, shapes.at(p, indices, 1)[k]!, k === 0 ? 1 : p[indices[0]!]!);
    },
  };
}

function addScaled(out: Float64Array, curve: Float64Array, scale: number): void {
  for (let i = 0; i < out.length; i++) out[i]! += scale * curve[i]!;
}
