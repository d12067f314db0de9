import type { XanesShape } from './xanes-shape.js';

const peak = (center_eV: number, height: number, fwhm_eV: number, eta = 0.5) => ({
  center_eV,
  height,
  fwhm_eV,
  eta,
});
const step = (center_eV: number, width_eV: number, height = 1) => ({ center_eV, height, width_eV });

/**
 * Chlorine K shapes. Pre-edge energies as published for the cells: a (Li3YCl6, weak and broad) 2823.3 eV, b (InCl3-like)
 * 2824.5 eV, c (InCl) near b; white line of KCl at 2824.95 eV (Athena example data). Heights and widths are of the
 * usual size for chlorides, not measured values.
 */
export const chlorineShapes = {
  LYC: {
    steps: [step(2826.0, 0.55)],
    peaks: [
      peak(2823.3, 0.06, 1.8, 0.3),
      peak(2826.9, 1.15, 1.9),
      peak(2830.2, 0.38, 4.2),
      peak(2836, 0.1, 7),
    ],
    oscillation: { amplitude: 0.09, distance_A: 2.6, phase: 0.6 },
  },
  YCl3: {
    steps: [step(2825.7, 0.5)],
    peaks: [peak(2823.5, 0.05, 1.7, 0.3), peak(2826.4, 1.35, 1.7), peak(2831, 0.42, 4.5)],
    oscillation: { amplitude: 0.1, distance_A: 2.63, phase: 0.4 },
  },
  InCl3: {
    steps: [step(2826.6, 0.7)],
    peaks: [peak(2824.5, 0.62, 1.15, 0.4), peak(2828.1, 0.85, 2.5), peak(2832, 0.25, 5)],
    oscillation: { amplitude: 0.1, distance_A: 2.51, phase: 0.8 },
  },
  InCl: {
    steps: [step(2826.4, 0.8)],
    peaks: [peak(2824.25, 0.5, 1.35, 0.4), peak(2827.4, 0.62, 2.8), peak(2833, 0.3, 6)],
    oscillation: { amplitude: 0.06, distance_A: 3.2, phase: 0.2 },
  },
  LiCl: {
    steps: [step(2825.8, 0.45)],
    peaks: [peak(2826.9, 1.45, 1.35), peak(2829.6, 0.85, 1.9), peak(2835.5, 0.3, 6)],
    oscillation: { amplitude: 0.08, distance_A: 2.57, phase: 0.5 },
  },
  KCl: {
    steps: [step(2824.2, 0.4)],
    peaks: [peak(2824.95, 1.2, 1.25), peak(2828.9, 0.55, 2.6), peak(2834.5, 0.25, 6)],
    oscillation: { amplitude: 0.07, distance_A: 3.15, phase: 0.3 },
  },
} satisfies Record<string, XanesShape>;

/**
 * Yttrium K shapes: the foil has two inflections, 8 eV apart, the lower 0.8 of the higher (measured at NSLS-II 6-BM);
 * Y3+ rises 13 eV above the foil's first one, with a strong white line.
 */
export const yttriumShapes = {
  foil: {
    steps: [step(17038.2, 2.4, 0.4), step(17046.3, 2.9, 0.6)],
    peaks: [peak(17054, 0.1, 9), peak(17071, 0.14, 16)],
    oscillation: { amplitude: 0.1, distance_A: 3.55, phase: 0.2 },
  },
  'Y(III)': {
    steps: [step(17051.0, 2.2)],
    peaks: [peak(17054.0, 0.75, 5.5), peak(17066, 0.1, 14)],
    oscillation: { amplitude: 0.09, distance_A: 2.62, phase: 0.9 },
  },
} satisfies Record<string, XanesShape>;

/** Indium K shapes: the core hole (10 eV) leaves smooth edges; In3+ lies about 3 eV above the metal. */
export const indiumShapes = {
  foil: {
    steps: [step(27941, 5.2)],
    peaks: [peak(27962, 0.1, 24)],
    oscillation: { amplitude: 0.08, distance_A: 3.25, phase: 0.3 },
  },
  'In(III)': {
    steps: [step(27943.5, 5.0)],
    peaks: [peak(27952, 0.22, 15)],
    oscillation: { amplitude: 0.09, distance_A: 2.52, phase: 0.8 },
  },
} satisfies Record<string, XanesShape>;
