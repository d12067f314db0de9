import type { Component } from './components.js';
import type { StepShape } from './lineshapes.js';
import type { PeakWindow } from './peak-windows.js';

/** Widths of peaks that are known beside the data, full widths at half maximum in eV. */
export interface GivenWidths {
  /** Lorentzian: the life time of the core hole. */
  core_eV: number;
  /** Gaussian: the instrument. No peak is narrower. */
  resolution_eV: number;
  /** Whether a peak may be broader than the instrument makes it. */
  mayBroaden: boolean;
}

/** The range of a pre-edge fit and what is known about the edge above it. Energies in eV. */
export interface PreEdgeFrame {
  from_eV: number;
  to_eV: number;
  /** Start of the edge's step and of the white line. */
  edge_eV: number;
  whiteLine_eV: number;
  whiteLineHeight: number;
  /** Narrowest physical feature. */
  width_eV: number;
  /** Widths of the peaks that are known; all are fitted where null. */
  widths: GivenWidths | null;
}

/**
 * One way to describe the rising edge and what lies under the peaks. The Lorentzian tail of the resonances behind the
 * white line is part of all: they exist in every spectrum, and a baseline without their tail gives it to the peaks. A
 * line beside it takes up what slope the normalisation left.
 */
export interface Variant {
  step: StepShape;
  base: 'constant' | 'line';
  /** Before the data are asked: the core hole, whose step is an arctangent, makes two thirds of the width of an edge. */
  prior: number;
}

const PRIOR: Record<StepShape, number> = { arctan: 2 / 3, erf: 1 / 3 };

export const EDGE_VARIANTS: readonly Variant[] = (['arctan', 'erf'] as const).flatMap((step) =>
  (['constant', 'line'] as const).map((base): Variant => ({ step, base, prior: PRIOR[step] })),
);

export const variantName = ({ step, base }: Variant): string =>
  `${step} step and white line on a ${base} with a Lorentzian tail`;

/** Start values of one named peak. */
export interface PeakStart {
  window: PeakWindow;
  centre_eV: number;
  height: number;
}

/**
 * A constant, a tail, a step of height one (the spectrum is normalised), the white line's rising flank and the named peaks. The
 * fit ends at the top of the white line, so the flank alone has to be described.
 */
export function preEdgeComponents(
  frame: PreEdgeFrame,
  peaks: readonly PeakStart[],
  variant: Variant,
): Component[] {
  const { edge_eV, whiteLine_eV, whiteLineHeight, width_eV } = frame;
  const components: Component[] = [
    {
      kind: 'polynomial',
      name: 'base',
      reference_eV: frame.from_eV,
      coefficients: variant.base === 'line' ? [{ value: 0 }, { value: 0 }] : [{ value: 0 }],
    },
    {
      kind: 'step',
      name: 'edge',
      shape: variant.step,
      height: { value: 1, vary: false },
      centre: { value: edge_eV, min: edge_eV - 2 - width_eV, max: whiteLine_eV + 1 + width_eV },
      fwhm: { value: 1.5 * width_eV, min: 0.5 * width_eV, max: 8 * width_eV },
    },
    {
      kind: 'peak',
      name: 'white line',
      shape: 'pseudo-voigt',
      eta: { value: 0.3, min: 0, max: 1 },
      area: { value: Math.max(0.1, whiteLineHeight - 0.7) * 3 * width_eV, min: 0 },
      centre: {
        value: whiteLine_eV + 0.2 * width_eV,
        min: whiteLine_eV - width_eV,
        max: whiteLine_eV + 2.5 * width_eV,
      },
      fwhm: { value: 3 * width_eV, min: 0.8 * width_eV, max: 10 * width_eV },
    },
    {
      kind: 'peak',
      name: 'tail',
      shape: 'lorentzian',
      area: { value: 1, min: 0 },
      centre: { value: whiteLine_eV + 5 * width_eV, vary: false },
      fwhm: { value: 6 * width_eV, vary: false },
    },
  ];
  peaks.forEach(({ window, centre_eV, height }, k) => {
    const fwhm = Math.min(1.6 * width_eV, window.maxFwhm_eV);
    components.push({
      kind: 'peak',
      name: window.name,
      area: { value: height * fwhm * 1.2, min: 0 },
      centre: { value: centre_eV, min: window.from_eV, max: window.to_eV },
      ...(frame.widths
        ? voigtOf(frame.widths, fwhm, window.maxFwhm_eV)
        : {
            shape: 'pseudo-voigt',
            fwhm: { value: fwhm, min: 0.7 * width_eV, max: window.maxFwhm_eV },
            // All peaks share one shape, as the resolution makes most of it; its freedom is part of the area's uncertainty.
            eta: k === 0 ? { value: 0.4, min: 0, max: 1 } : { tie: `${peaks[0]!.window.name}.eta` },
          }),
    });
  });
  return components;
}

/** Shape of a peak with given widths: its Lorentzian is the core hole's; its Gaussian is the instrument's, or at least that. */
function voigtOf({ core_eV, resolution_eV, mayBroaden }: GivenWidths, fwhm: number, maxFwhm_eV: number) {
  const gauss = { value: Math.max(1.2 * resolution_eV, fwhm), min: resolution_eV };
  return {
    shape: 'voigt' as const,
    fwhm: mayBroaden
      ? { ...gauss, max: Math.max(maxFwhm_eV, 2 * gauss.value) }
      : { value: resolution_eV, vary: false },
    lorentz: { value: core_eV, vary: false },
  };
}
