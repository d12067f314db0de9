import type { Model, ModelDerivative, Parameter } from '../../fit/types.js';
import {
  gaussian,
  lorentzian,
  peakHeight,
  pseudoVoigt,
  pseudoVoigtByWidth,
  pseudoVoigtSlope,
  type StepShape,
  step,
  stepByWidth,
  stepSlope,
  voigt,
} from './lineshapes.js';

/** A start value with bounds, a fixed value (vary: false), or the name of another parameter that it equals. */
export type Setting = { value: number; min?: number; max?: number; vary?: boolean } | { tie: string };

export type PeakShape = 'gaussian' | 'lorentzian' | 'pseudo-voigt' | 'voigt';

/** One term of the model. Parameters are called `<name>.<field>`: b.area, b.centre, b.fwhm, edge.height … */
export type Component =
  | { kind: 'polynomial'; name: string; reference_eV: number; coefficients: Setting[] }
  | { kind: 'step'; name: string; shape: StepShape; height: Setting; centre: Setting; fwhm: Setting }
  | {
      kind: 'peak';
      name: string;
      shape: PeakShape;
      area: Setting;
      centre: Setting;
      fwhm: Setting;
      /** Lorentzian share of a pseudo-Voigt. */
      eta?: Setting;
      /** Lorentzian full width of a Voigt; `fwhm` is then the Gaussian one. */
      lorentz?: Setting;
    };

/** A model ready for the fitting layer. */
export interface PeakModel {
  parameters: Parameter[];
  model: Model;
  derivative: ModelDerivative;
  /** One component alone, for drawing. */
  component(name: string, p: Float64Array, out: Float64Array): void;
}

type Evaluate = (p: Float64Array, out: Float64Array) => void;
/** Adds the derivative by its k-th own parameter; false asks for finite differences. */
type AddDerivative = (p: Float64Array, k: number, out: Float64Array) => boolean;

interface Built {
  name: string;
  indices: number[];
  add: Evaluate;
  addDerivative: AddDerivative;
}

/** Joins components into one model on the given energies. @throws RangeError for a tie to an unknown parameter */
export function buildPeakModel(energy: Float64Array, components: readonly Component[]): PeakModel {
  const parameters: Parameter[] = [];
  const byName = new Map<string, number>();
  const pending: { indices: number[]; position: number; tie: string }[] = [];
  const register = (component: string, fields: [string, Setting][]): number[] => {
    const indices: number[] = [];
    for (const [field, setting] of fields) {
      if ('tie' in setting) {
        pending.push({ indices, position: indices.length, tie: setting.tie });
        indices.push(-1);
      } else {
        const name = `${component}.${field}`;
        byName.set(name, parameters.length);
        indices.push(parameters.length);
        parameters.push({ name, ...setting });
      }
    }
    return indices;
  };
  const built = components.map((component) => build(energy, component, register));
  for (const { indices, position, tie } of pending) {
    const target = byName.get(tie);
    if (target === undefined) throw new RangeError(`no parameter '${tie}' to tie to`);
    indices[position] = target;
  }
  return {
    parameters,
    model: (p, out) => {
      out.fill(0);
      for (const part of built) part.add(p, out);
    },
    derivative: (p, j, out) => {
      out.fill(0);
      for (const part of built)
        for (let k = 0; k < part.indices.length; k++)
          if (part.indices[k] === j && !part.addDerivative(p, k, out)) return false;
      return true;
    },
    component: (name, p, out) => {
      out.fill(0);
      for (const part of built) if (part.name === name) part.add(p, out);
    },
  };
}

type Register = (component: string, fields: [string, Setting][]) => number[];

function build(energy: Float64Array, component: Component, register: Register): Built {
  switch (component.kind) {
    case 'polynomial':
      return buildPolynomial(energy, component, register);
    case 'step':
      return buildStep(energy, component, register);
    case 'peak':
      return component.shape === 'voigt'
        ? buildVoigt(energy, component, register)
        : buildPeak(energy, component, register);
  }
}

function buildPolynomial(
  energy: Float64Array,
  { name, reference_eV, coefficients }: Extract<Component, { kind: 'polynomial' }>,
  register: Register,
): Built {
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
        out[i] = out[i]! + value;
      }
    },
    addDerivative: (_, k, out) => {
      for (let i = 0; i < energy.length; i++) out[i] = out[i]! + (energy[i]! - reference_eV) ** k;
      return true;
    },
  };
}

function buildStep(
  energy: Float64Array,
  { name, shape, height, centre, fwhm }: Extract<Component, { kind: 'step' }>,
  register: Register,
): Built {
  const indices = register(name, [
    ['height', height],
    ['centre', centre],
    ['fwhm', fwhm],
  ]);
  const at = (p: Float64Array): [number, number, number] => [
    p[indices[0]!]!,
    p[indices[1]!]!,
    p[indices[2]!]!,
  ];
  return {
    name,
    indices,
    add: (p, out) => {
      const [h, c, w] = at(p);
      for (let i = 0; i < energy.length; i++) out[i] = out[i]! + h * step(shape, energy[i]! - c, w);
    },
    addDerivative: (p, k, out) => {
      const [h, c, w] = at(p);
      for (let i = 0; i < energy.length; i++) {
        const d = energy[i]! - c;
        const value =
          k === 0 ? step(shape, d, w) : k === 1 ? -h * stepSlope(shape, d, w) : h * stepByWidth(shape, d, w);
        out[i] = out[i]! + value;
      }
      return true;
    },
  };
}

type PeakComponent = Extract<Component, { kind: 'peak' }>;

function buildPeak(energy: Float64Array, component: PeakComponent, register: Register): Built {
  const { name, shape } = component;
  const fixed = { value: shape === 'lorentzian' ? 1 : 0, vary: false };
  const indices = register(name, [
    ['area', component.area],
    ['centre', component.centre],
    ['fwhm', component.fwhm],
    ['eta', shape === 'pseudo-voigt' ? (component.eta ?? { value: 0.5, min: 0, max: 1 }) : fixed],
  ]);
  return {
    name,
    indices,
    add: (p, out) => {
      const area = p[indices[0]!]!;
      const c = p[indices[1]!]!;
      const w = p[indices[2]!]!;
      const eta = p[indices[3]!]!;
      if (eta === 0) addGaussian(energy, area, c, w, out);
      else
        for (let i = 0; i < energy.length; i++) out[i] = out[i]! + area * pseudoVoigt(energy[i]! - c, w, eta);
    },
    addDerivative: (p, k, out) => {
      const area = p[indices[0]!]!;
      const c = p[indices[1]!]!;
      const w = p[indices[2]!]!;
      const eta = p[indices[3]!]!;
      if (eta === 0 && k < 3) addGaussianDerivative(energy, area, c, w, k, out);
      else
        for (let i = 0; i < energy.length; i++) {
          const d = energy[i]! - c;
          const value =
            k === 0
              ? pseudoVoigt(d, w, eta)
              : k === 1
                ? -area * pseudoVoigtSlope(d, w, eta)
                : k === 2
                  ? area * pseudoVoigtByWidth(d, w, eta)
                  : area * (lorentzian(d, w) - gaussian(d, w));
          out[i] = out[i]! + value;
        }
      return true;
    },
  };
}

/** Gaussians are the common case and cost one exponential a point. */
function addGaussian(energy: Float64Array, area: number, c: number, w: number, out: Float64Array): void {
  const scale = area * gaussian(0, w);
  const bend = (-4 * Math.LN2) / (w * w);
  for (let i = 0; i < energy.length; i++) {
    const d = energy[i]! - c;
    out[i] = out[i]! + scale * Math.exp(bend * d * d);
  }
}

function addGaussianDerivative(
  energy: Float64Array,
  area: number,
  c: number,
  w: number,
  k: number,
  out: Float64Array,
): void {
  const unit = gaussian(0, w);
  const bend = (-4 * Math.LN2) / (w * w);
  for (let i = 0; i < energy.length; i++) {
    const d = energy[i]! - c;
    const u = bend * d * d;
    const value = unit * Math.exp(u);
    out[i] =
      out[i]! +
      (k === 0 ? value : k === 1 ? -2 * area * bend * d * value : (area * value * (-1 - 2 * u)) / w);
  }
}

function buildVoigt(energy: Float64Array, component: PeakComponent, register: Register): Built {
  const { name } = component;
  const indices = register(name, [
    ['area', component.area],
    ['centre', component.centre],
    ['fwhm', component.fwhm],
    ['lorentz', component.lorentz ?? { value: 0.5, min: 0 }],
  ]);
  return {
    name,
    indices,
    add: (p, out) => {
      const [area, c, g, l] = indices.map((index) => p[index]!) as [number, number, number, number];
      for (let i = 0; i < energy.length; i++) out[i] = out[i]! + area * voigt(energy[i]! - c, g, l);
    },
    addDerivative: (p, k, out) => {
      if (k !== 0) return false;
      const [, c, g, l] = indices.map((index) => p[index]!) as [number, number, number, number];
      for (let i = 0; i < energy.length; i++) out[i] = out[i]! + voigt(energy[i]! - c, g, l);
      return true;
    },
  };
}

/** Height over area of a shape: for a Voigt of Gaussian and Lorentzian widths, or a pseudo-Voigt of width and share. */
export const heightPerArea = (shape: PeakShape, fwhm: number, other: number): number =>
  shape === 'voigt' ? voigt(0, fwhm, other) : peakHeight(fwhm, other);

/** Full width at half maximum of a Voigt, to 0.02 % (J. J. Olivero, R. L. Longbothum, J. Quant. Spectrosc. Radiat. Transf. 17 (1977) 233). */
export const voigtFwhm = (gauss: number, lorentz: number): number =>
  0.5346 * lorentz + Math.sqrt(0.2166 * lorentz * lorentz + gauss * gauss);
