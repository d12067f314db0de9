import { criterionWeights } from '../../fit/criteria.js';
import { fitMixture, type MixtureFit } from './mixture.js';
import type { Curve, MixtureOptions } from './mixture-options.js';
import { compareNested } from './mixture-statistics.js';

export interface Combination {
  fit: MixtureFit;
  /** Akaike and Schwarz weights among all combinations. */
  aicWeight: number;
  bicWeight: number;
  /** Against the best combination with one standard fewer that is part of it; null for the smallest. */
  nested: {
    against: string[];
    f: number;
    probability: number;
    hamilton: number;
    hamiltonLimit: number;
  } | null;
}

/**
 * Fits all combinations of `least` to `most` standards and ranks them by BIC. Under non-negative weights a combination
 * whose weight is held at zero only repeats a smaller one and is left out.
 *
 * @throws RangeError as fitMixture, or for more than 20 000 combinations
 */
export function searchMixtures(
  data: Curve,
  standards: readonly Curve[],
  options: MixtureOptions,
  most: number,
  least = 1,
): Combination[] {
  const sets = combinations(standards.length, least, Math.min(most, standards.length));
  if (sets.length > 20_000)
    throw new RangeError(`${sets.length} combinations are too many: lower their size`);
  // One range for all, so that all are compared on the same points.
  const common = {
    ...options,
    from_eV: standards.reduce((low, s) => Math.max(low, s.energy_eV[0]!), options.from_eV),
    to_eV: standards.reduce((high, s) => Math.min(high, s.energy_eV.at(-1)!), options.to_eV),
  };
  const fits = sets
    .map((set) =>
      fitMixture(
        data,
        set.map((k) => standards[k]!),
        common,
      ),
    )
    .filter(({ weights, labels }) => labels.length === 1 || weights.every(({ value }) => value !== 0));
  const aicWeights = criterionWeights(fits.map(({ statistics }) => statistics.aic));
  const bicWeights = criterionWeights(fits.map(({ statistics }) => statistics.bic));
  return fits
    .map((fit, k) => ({
      fit,
      aicWeight: aicWeights[k]!,
      bicWeight: bicWeights[k]!,
      nested: nestedTest(fit, fits),
    }))
    .sort((a, b) => a.fit.statistics.bic - b.fit.statistics.bic);
}

function nestedTest(fit: MixtureFit, fits: readonly MixtureFit[]): Combination['nested'] {
  const inside = fits.filter(
    (other) =>
      other.labels.length === fit.labels.length - 1 &&
      other.labels.every((label) => fit.labels.includes(label)),
  );
  if (inside.length === 0) return null;
  const best = inside.reduce((a, b) => (b.statistics.chi2 < a.statistics.chi2 ? b : a));
  if (best.statistics.parameters >= fit.statistics.parameters) return null;
  return { against: best.labels, ...compareNested(best.statistics, fit.statistics) };
}

/** All index sets of `least` to `most` out of `count`. */
function combinations(count: number, least: number, most: number): number[][] {
  const sets: number[][] = [];
  const extend = (set: number[], next: number): void => {
    if (set.length >= least) sets.push(set);
    if (set.length < most) for (let k = next; k < count; k++) extend([...set, k], k + 1);
  };
  extend([], 0);
  return sets.filter(({ length }) => length > 0);
}
