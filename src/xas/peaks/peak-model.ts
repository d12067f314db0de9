import type { Model, ModelDerivative, Parameter } from '../../fit/types.js';
import type { Component, PeakShape, Setting } from './components.js';
import { peakHeight, voigt } from './lineshapes.js';
import { buildTerm } from './model-terms.js';

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
