/** What a user may ask of a refinement, and how names like `*.cell` become parameters. */
import { InputError } from '../../errors.js';
import type { Measured } from '../../measurement.js';
import type { MaskOptions } from '../frames/mask.js';
import type { LorentzPolarisationOptions } from '../pattern/lorentz-polarisation.js';
import type { PatternModel } from '../pattern/pattern-model.js';
import type { Wavelength } from '../pattern/radiation.js';

export interface RefineOptions extends MaskOptions {
  wavelengths: Wavelength[];
  lorentzPolarisation: LorentzPolarisationOptions;
  /**
   * Parameters to refine besides scales and background: names of pattern-parameters.ts, `<phase>.cell`,
   * `<phase>.composition`, `widths` (U V W X Y), and `*` for every phase.
   * Default: zero, W, X, every cell and every composition parameter.
   */
  refine?: string[];
  /** Starting or fixed values by parameter name; widths that are given here are not searched for. */
  values?: Record<string, number>;
  /** Knowledge from elsewhere, as a Gaussian prior: value and sigma by parameter name (`*` for every phase). */
  priors?: Record<string, Measured>;
  /** Chebyshev terms. Default 6. */
  backgroundTerms?: number;
  /** Preferred axis by phase, for `<phase>.texture`. */
  textureAxes?: Record<string, readonly [number, number, number]>;
  /**
   * Scatter of line intensities beyond counting: 'estimate' from the pattern itself, a fixed relative sigma, or 'off'.
   * Default 'off'; see grain-statistics.ts.
   */
  lineScatter?: 'estimate' | 'off' | number;
  /** Lines whose intensity the structure shall not bind: the scatter of the others is judged without them. */
  freeLines?: Record<string, number[]>;
  /** Lines (`<phase>` -> indices of the phase's lines) whose intensities are to be measured freely. */
  measureLines?: Record<string, number[]>;
  /** Looks for zero shift and cells over a wide range before refining. Default true. */
  search?: boolean;
  /** Keep only these channels as well. */
  mask?: Uint8Array;
  maxIterations?: number;
}

export const DEFAULT_REFINE = ['zero', 'W', 'X', '*.cell', '*.composition'];
const WIDTHS = ['U', 'V', 'W', 'X', 'Y'];

/** Indices of the parameters that a name stands for. Throws InputError for a name that stands for none. */
export function parametersNamed(model: PatternModel, name: string): number[] {
  if (name === 'widths') return WIDTHS.map((width) => model.indexOf(width));
  const exact = model.indexOf(name);
  if (exact >= 0 && !name.endsWith('.texture')) return [exact];
  const dot = name.lastIndexOf('.');
  const [phase, what] = [name.slice(0, dot), name.slice(dot + 1)];
  const found: number[] = [];
  let phaseKnown = phase === '*';
  if (dot > 0)
    model.phaseNames.forEach((known, k) => {
      if (phase !== '*' && phase !== known) return;
      phaseKnown = true;
      const slots = model.parameters.phases[k]!;
      if (what === 'cell') for (let j = 0; j < slots.free.length; j++) found.push(slots.cell + j);
      else if (what === 'composition')
        for (let j = 0; j < slots.compositionCount; j++) found.push(slots.composition + j);
      else {
        const index = model.indexOf(`${known}.${what}`);
        if (index >= 0 && (what !== 'texture' || model.hasTexture(k))) found.push(index);
        if (index >= 0 && what === 'texture' && !model.hasTexture(k) && phase !== '*')
          throw new InputError(
            `'${name}' needs a preferred axis`,
            null,
            `give one with a texture axis for ${known}`,
          );
      }
    });
  const optional = phase === '*' && phaseKnown;
  if (found.length === 0 && !(optional && ['composition', 'texture', 'x'].includes(what)))
    throw new InputError(
      `'${name}' is no parameter of this model`,
      null,
      `known are ${listNames(model)}; also widths, PHASE.cell, PHASE.composition, and * for every phase`,
    );
  return found;
}

const listNames = (model: PatternModel): string =>
  model.parameters.names.filter((name) => !/\.line\.|^background\./.test(name)).join(', ');
