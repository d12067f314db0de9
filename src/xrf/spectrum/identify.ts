import { elementSymbols } from '../../reference/elements.js';
import { channelOf, type Detector, fwhm_eV } from './detector.js';
import { type GroupRequest, type LineGroup, lineGroup } from './line-groups.js';
import { findPeaks, sumFit } from './spectrum-calibration.js';
import { type ColumnOptions, ownColumns } from './spectrum-columns.js';

/**
 * Elements that a calibrated sum spectrum shows, when none are named: the group of lines that lowers chi square most is
 * added until none lowers it by a twentieth (or twenty are found). Only groups whose main line lies on a peak are tried.
 * A guess for the eye, marked as such; name the elements for numbers.
 */
export function identifyElements(
  sum: Float64Array,
  detector: Detector,
  request: GroupRequest,
  o: ColumnOptions,
): LineGroup[] {
  const middle = (request.lowest_eV + request.highest_eV) / 2;
  const peaks = findPeaks(sum, fwhm_eV(detector, middle) / detector.gain_eV);
  const near = (energy: number): boolean =>
    peaks.some(
      (p) =>
        Math.abs(p.channel - channelOf(detector, energy)) <
        (0.45 * fwhm_eV(detector, energy)) / detector.gain_eV,
    );
  const candidates = elementSymbols()
    .slice(10, 92)
    .flatMap((symbol) => ['K', 'L', 'M'].map((shell) => lineGroup(`${symbol} ${shell}`, request)))
    .filter(
      (g): g is LineGroup =>
        !('refused' in g) &&
        g.main.energy_eV > request.lowest_eV &&
        near(g.main.energy_eV) &&
        !rare.has(g.element),
    );
  const chosen: LineGroup[] = [];
  const own = ownColumns(detector, sum, o);
  let chi2 = sumFit(sum, chosen, detector, o, own, false).chi2;
  while (chosen.length < 20) {
    let best: { group: LineGroup; chi2: number } | null = null;
    for (const group of candidates) {
      if (chosen.includes(group)) continue;
      try {
        // K lines are likelier than L, and L than M, of rarer elements.
        const penalty = group.shell === 'K' ? 1 : group.shell === 'L' ? 1.02 : 1.04;
        const trial = sumFit(sum, [...chosen, group], detector, o, own, false).chi2 * penalty;
        if (!best || trial < best.chi2) best = { group, chi2: trial };
      } catch (thrown) {
        if (!(thrown instanceof RangeError)) throw thrown;
      }
    }
    if (!best || best.chi2 > 0.95 * chi2) break;
    chosen.push(best.group);
    chi2 = best.chi2;
  }
  return chosen;
}

/** Elements that nobody's sample holds by surprise. */
const rare = new Set(['Tc', 'Pm', 'Po', 'At', 'Rn', 'Fr', 'Ra', 'Ac', 'Pa', 'Ne', 'Kr', 'Xe']);
