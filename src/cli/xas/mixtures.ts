import type { MixtureFit } from '../../xas/mixture/mixture.js';
import type { Curve, MixtureOptions } from '../../xas/mixture/mixture-options.js';
import { searchMixtures } from '../../xas/mixture/mixture-search.js';
import { fitShiftedMixture, type ShiftedMixture } from '../../xas/mixture/mixture-shifts.js';
import { printJson } from '../json.js';
import { plusMinus, textTable } from '../table.js';
import type { LcfFlags } from './flags.js';

export const fitShifted = fitShiftedMixture;

function numbersOf(fit: MixtureFit) {
  const s = fit.statistics;
  return {
    weights: Object.fromEntries(fit.labels.map((label, j) => [label, fit.weights[j]!])),
    limits95: Object.fromEntries(fit.labels.map((label, j) => [label, fit.limits95[j]!])),
    sum: fit.total,
    points: s.points,
    chi2: s.chi2,
    reduced_chi2: s.reducedChi2,
    aic: s.aic,
    bic: s.bic,
    r_factor: s.rFactor,
    r_factor_about_mean: s.rFactorAboutMean,
    r_factor_absolute: s.rFactorAbsolute,
    drift_eV: fit.drift_eV,
    glitches_eV: fit.glitches_eV,
  };
}

export function printMixture(
  label: string,
  fit: MixtureFit | ShiftedMixture,
  range_eV: [number, number],
  flags: LcfFlags,
): void {
  const shifts = 'shifts_eV' in fit ? fit.shifts_eV : null;
  if (flags.json) {
    const moved = shifts && {
      shifts_eV: Object.fromEntries(fit.labels.map((name, j) => [name, shifts[j]!])),
    };
    printJson({ label, range_eV, ...numbersOf(fit), ...moved });
    return;
  }
  const s = fit.statistics;
  if (fit.drift_eV !== null) console.error(`energy axes may lie ${fit.drift_eV.toPrecision(2)} eV apart`);
  if (fit.glitches_eV.length > 0)
    console.error(`left out as glitches: ${fit.glitches_eV.map((e) => e.toFixed(2)).join(', ')} eV`);
  console.log(
    textTable(
      ['standard', 'weight', '95 % limit', ...(shifts ? ['shift / eV'] : [])],
      fit.labels.map((name, j) => [
        name,
        plusMinus(fit.weights[j]),
        fit.limits95[j]!.toPrecision(3),
        ...(shifts ? [plusMinus(shifts[j])] : []),
      ]),
    ),
  );
  console.log(
    `\n${s.points} points, chi2 ${s.chi2.toPrecision(5)}, reduced ${s.reducedChi2.toPrecision(4)}, AIC ${s.aic.toFixed(2)}, BIC ${s.bic.toFixed(2)}`,
  );
  console.log(
    `R = ${s.rFactor.toExponential(3)} (sum r^2 / sum y^2), ${s.rFactorAboutMean.toExponential(3)} (about the mean), ${s.rFactorAbsolute.toExponential(3)} (sum |r| / sum |y|)`,
  );
}

export function printCombinations(
  data: Curve,
  standards: readonly Curve[],
  options: MixtureOptions,
  most: number,
  flags: LcfFlags,
): void {
  const found = searchMixtures(data, standards, options, most);
  if (flags.json) {
    const list = found.map(({ fit, aicWeight, bicWeight, nested }) => ({
      standards: fit.labels,
      ...numbersOf(fit),
      aic_weight: aicWeight,
      bic_weight: bicWeight,
      nested,
    }));
    printJson({ label: data.label, combinations: list });
    return;
  }
  console.log(
    textTable(
      ['standards and weights', 'chi2', 'R', 'AIC', 'BIC', 'BIC weight', 'F prob.'],
      found
        .slice(0, 20)
        .map(({ fit, bicWeight, nested }) => [
          fit.labels.map((label, j) => `${label} ${plusMinus(fit.weights[j])}`).join(', '),
          fit.statistics.chi2.toPrecision(5),
          fit.statistics.rFactor.toExponential(2),
          fit.statistics.aic.toFixed(2),
          fit.statistics.bic.toFixed(2),
          bicWeight.toFixed(3),
          nested ? nested.probability.toPrecision(2) : '–',
        ]),
    ),
  );
}
