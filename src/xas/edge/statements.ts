import type { Measured } from '../../measurement.js';

const signed = (value: number, digits: number): string =>
  `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;

/** Digits that show an uncertainty with two significant figures. */
export const digitsFor = (sigma: number): number =>
  Number.isFinite(sigma) && sigma > 0 ? Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(sigma)))) : 2;

/** Whether an edge shift differs from zero, as a sentence: at 95 % (1.96 sigma), with the number of sigmas. */
export function shiftStatement(
  shift: Measured,
  relativeTo: string,
  feature: string,
  ownChannel: boolean,
): string {
  const digits = digitsFor(shift.sigma);
  const value = `${signed(shift.value, digits)} ± ${shift.sigma.toFixed(digits)} eV`;
  const sigmas = Math.abs(shift.value) / shift.sigma;
  const verdict =
    sigmas > 1.96
      ? `differs from zero (${sigmas.toFixed(1)} sigma)`
      : `does not differ from zero at 95 % (${sigmas.toFixed(1)} sigma)`;
  const caveat = ownChannel
    ? ''
    : '; no simultaneous reference was measured: a drift of ten parts in a million between the scans is included';
  return `The edge (${feature}) lies ${value} from that of ${relativeTo}: it ${verdict}${caveat}.`;
}
