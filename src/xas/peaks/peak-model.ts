import type { Model, ModelDerivative, Parameter } from '../../fit/types.js';
import { peakHeight, type StepShape, voigt } from './lineshapes.js';
import { buildTerm } from './model-terms.js';

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
  const built = components.map((component) => buildTerm(energy, component, register));
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
          if (part.indices[k] === j) part.addDerivative(p, k, out);
      return true;
    },
    component: (name, p, out) => {
      out.fill(0);
      for (const part of built) if (part.name === name) part.add(p, out);
    },
  };
}

/** Height over area of a shape: for a Voigt of Gaussian and Lorentzian widths, or a pseudo-Voigt of width and share. */
export const heightPerArea = (shape: PeakShape, fwhm: number, other: number): number =>
  shape === 'voigt' ? voigt(0, fwhm, other) : peakHeight(fwhm, other);
