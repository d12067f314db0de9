import type { StepShape } from './lineshapes.js';

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
