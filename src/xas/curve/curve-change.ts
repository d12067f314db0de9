/** How another choice of ranges changes a normalised curve. */
export interface CurveChange {
  /** Relative change of the edge step. */
  step: number;
  /** Change of the pre-edge at `at_eV`, and of its slope per eV, in units of the edge step. */
  offset: number;
  slope_per_eV: number;
  at_eV: number;
}

/** Changes by one choice after another, one list for each thing that was changed. */
export type StepChanges = Record<string, CurveChange[]>;

/** How uncertain the normalisation of a spectrum is: the noise of its step, relative, and what its ranges change. */
export interface ScaleErrors {
  noise: number;
  changes: StepChanges;
}

/** Change of `weight` times a normalised curve, (mu - pre) / step, to first order; `part` is that product. */
export const changeOf = (
  { step, offset, slope_per_eV, at_eV }: CurveChange,
  energy: Float64Array,
  part: Float64Array,
  weight: number,
): Float64Array =>
  part.map((value, i) => -step * value - weight * (offset + slope_per_eV * (energy[i]! - at_eV)));
