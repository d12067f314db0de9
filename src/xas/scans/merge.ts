import { linearLeastSquares } from '../../fit/linear.js';
import type { Measured, Spectrum } from '../../measurement.js';
import { CubicSpline } from '../../numeric/interpolate.js';
import { median } from '../../numeric/robust.js';
import { findGlitches, type Glitch } from '../curve/glitches.js';
import { derivative, rangeWithin } from '../curve/grid.js';
import { estimateNoise } from '../curve/noise.js';

export interface MergeOptions {
  /** 1/sigma^2 (default), or all scans alike. */
  weights?: 'noise' | 'equal';
  /** Outlying scans stay in the mean unless this says so; either way they are named. */
  outliers?: 'keep' | 'leave-out';
  /** Narrowest feature of the edge (featureWidth_eV), which tells a glitch from a peak. */
  width_eV: number;
}

/** How one scan compares with the mean of the others. */
export interface ScanReport {
  label: string;
  /** Share of this scan in the mean; 0 where it was left out. */
  weight: number;
  /** Its signal over that of the others. */
  gain: Measured;
  /** How much higher in energy its edge lies. */
  drift_eV: Measured;
  /** Mean squared distance from the others in units of the noise, after gain, drift and a straight line: about 1. */
  misfit: number;
  outlier: boolean;
  /** Points without weight because no edge can make them. */
  glitches: Glitch[];
}

export interface Merged {
  /** sigma is the standard error of the mean. */
  spectrum: Spectrum & { sigma: Float64Array };
  scans: ScanReport[];
}

/** A scan this far from the others, and this much further than the usual one, has seen something else. */
const OUTLIER = 4;
/** So has one whose signal is stronger or weaker by this part: another spot, or another geometry. */
const OTHER_GAIN = 0.1;
/** Half width in points of the neighbourhood in which the scatter between the scans is judged. */
const REACH = 12;

/**
 * Mean of repeated scans on the range that all of them cover. The grid is that of the first scan; others are interpolated
 * by cubic splines, never extrapolated. Glitches of single scans get no weight where another scan has the point. The
 * uncertainty of each point is the standard error of the weighted mean, widened where the scatter between the scans
 * about it is larger than their noise (Birge ratio over 25 points, after gain, drift and a straight line of each scan).
 *
 * @throws RangeError for no scans, or scans that share fewer than 5 points
 */
export function mergeScans(spectra: readonly Spectrum[], options: MergeOptions): Merged {
  if (spectra.length === 0) throw new RangeError('no scans to merge');
  const grid = commonEnergies(spectra);
  const scans = spectra.map((spectrum) => sampled(spectrum, grid, options.width_eV));
  const odd = outlying(scans, grid);
  const used = options.outliers === 'leave-out' ? scans.filter((_, k) => !odd.includes(k)) : scans;
  const mean = meanOf(used, options.weights ?? 'noise');
  const trusted = scans.filter((_, k) => !odd.includes(k));
  const reports = scans.map((scan, k): ScanReport => {
    const others = trusted.filter((other) => other !== scan);
    const compared = others.length ? compare(scan, meanOf(others, 'noise'), grid) : ALIKE;
    const { gain, drift_eV, misfit } = compared;
    return {
      label: spectra[k]!.label,
      weight: mean.shares[used.indexOf(scan)] ?? 0,
      gain,
      drift_eV,
      misfit,
      outlier: odd.includes(k),
      glitches: scan.glitches,
    };
  });
  const birge = localBirge(used, mean, grid);
  const references = used.map(({ reference }) => reference);
  return {
    spectrum: {
      ...spectra[0]!,
      energy_eV: grid,
      mu: mean.mu,
      sigma: mean.sigma.map((value, i) => value * birge[i]!),
      reference: references.every((reference) => reference !== null)
        ? grid.map((_, i) => references.reduce((sum, r, k) => sum + mean.shares[k]! * r![i]!, 0))
        : null,
    },
    scans: reports,
  };
}

const ALIKE = { gain: { value: 1, sigma: 0 }, drift_eV: { value: 0, sigma: Number.NaN }, misfit: 1 };

interface Sampled {
  mu: Float64Array;
  /** Infinite where the scan has a glitch. */
  sigma: Float64Array;
  reference: Float64Array | null;
  glitches: Glitch[];
}

function commonEnergies(spectra: readonly Spectrum[]): Float64Array {
  const low = Math.max(...spectra.map(({ energy_eV }) => energy_eV[0]!));
  const high = Math.min(...spectra.map(({ energy_eV }) => energy_eV.at(-1)!));
  const { energy_eV } = spectra[0]!;
  const [from, to] = rangeWithin(energy_eV, low, high);
  if (to - from < 5) throw new RangeError(`the scans share only ${Math.max(0, to - from)} points`);
  return energy_eV.slice(from, to);
}

function sampled(
  { energy_eV, mu, sigma: stated, reference }: Spectrum,
  grid: Float64Array,
  width_eV: number,
): Sampled {
  const glitches = findGlitches(energy_eV, mu, stated, width_eV);
  const { sigma } = estimateNoise(energy_eV, mu, stated);
  const from = energy_eV.indexOf(grid[0]!);
  const same = from >= 0 && grid.every((e, i) => energy_eV[from + i] === e);
  if (same) {
    const weight = sigma.slice();
    for (const { index } of glitches) weight[index] = Number.POSITIVE_INFINITY;
    const part = (values: Float64Array): Float64Array => values.slice(from, from + grid.length);
    return { mu: part(mu), sigma: part(weight), reference: reference && part(reference), glitches };
  }
  const bad = new Set(glitches.map(({ index }) => index));
  const knots = Array.from(energy_eV.keys()).filter((i) => !bad.has(i));
  const on = (values: Float64Array, ends?: 'natural'): Float64Array =>
    new CubicSpline(
      Float64Array.from(knots, (i) => energy_eV[i]!),
      Float64Array.from(knots, (i) => values[i]!),
      ends,
    ).on(grid);
  return { mu: on(mu), sigma: on(sigma, 'natural'), reference: reference && on(reference), glitches };
}

interface Mean {
  mu: Float64Array;
  sigma: Float64Array;
  /** Median share of each scan. */
  shares: number[];
}

function meanOf(scans: readonly Sampled[], how: 'noise' | 'equal'): Mean {
  const n = scans[0]!.mu.length;
  const mu = new Float64Array(n);
  const sigma = new Float64Array(n);
  const shares = scans.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const noise = scans.map((scan) => scan.sigma[i]!);
    // Where every scan has a glitch, the glitch is the data.
    const weights = noise.map((s) => (how === 'equal' ? Number(Number.isFinite(s)) : 1 / s ** 2));
    const total = weights.reduce((sum, w) => sum + w, 0);
    let variance = 0;
    scans.forEach((scan, k) => {
      const share = total > 0 ? weights[k]! / total : 1 / scans.length;
      shares[k]![i] = share;
      mu[i]! += share * scan.mu[i]!;
      if (share > 0 && Number.isFinite(noise[k]!)) variance += (share * noise[k]!) ** 2;
    });
    sigma[i] = Math.sqrt(variance);
  }
  const typical = median(sigma.filter((s) => s > 0));
  return {
    mu,
    sigma: sigma.map((s) => (s > 0 ? s : typical)),
    shares: normalised(shares.map((share) => median(share))),
  };
}

function normalised(values: number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0) || 1;
  return values.map((value) => value / sum);
}

/** scan = gain * mean(E - drift) + a + b E, linear in the small drift. */
function compare(scan: Sampled, mean: Mean, grid: Float64Array) {
  const slope = derivative(grid, mean.mu);
  const middle = (grid[0]! + grid.at(-1)!) / 2;
  const kept = Array.from(grid.keys()).filter((i) => Number.isFinite(scan.sigma[i]!));
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(kept, (i) => values[i]!);
  const columns = [
    mean.mu,
    slope.map((value) => -value),
    new Float64Array(grid.length).fill(1),
    grid.map((e) => (e - middle) / (grid.at(-1)! - middle)),
  ].map(pick);
  const noise = grid.map((_, i) => Math.hypot(scan.sigma[i]!, mean.sigma[i]!));
  const fit = linearLeastSquares({ columns, y: pick(scan.mu), sigma: pick(noise) });
  const [gain, moved] = fit.coefficients as unknown as [number, number];
  const residual = new Float64Array(grid.length).fill(Number.NaN);
  kept.forEach((i, k) => {
    residual[i] = scan.mu[i]! - fit.curve[k]!;
  });
  return {
    gain: { value: gain, sigma: fit.sigma[0]! },
    drift_eV: { value: moved / gain, sigma: fit.sigma[1]! / Math.abs(gain) },
    misfit: fit.reducedChi2,
    residual,
  };
}

/** The scans that the others do not know, the worst first, each judged without those found before. */
function outlying(scans: readonly Sampled[], grid: Float64Array): number[] {
  const left = scans.map((_, k) => k);
  const odd: number[] = [];
  while (left.length > 2) {
    const compared = left.map((k) => {
      const others = left.filter((j) => j !== k).map((j) => scans[j]!);
      return compare(scans[k]!, meanOf(others, 'noise'), grid);
    });
    const misfits = compared.map(({ misfit }) => misfit);
    // In the mean of two scans an odd one counts half: the third seems odd, too, but less so than the odd one itself.
    const oddness = compared.map(({ misfit, gain }, k) => {
      const usual = median(misfits.filter((_, j) => j !== k));
      const changed = Math.max(0, Math.abs(gain.value - 1) - 3 * gain.sigma);
      return Math.max(Math.min(misfit / OUTLIER, misfit / (2.5 * usual)), changed / OTHER_GAIN);
    });
    const worst = oddness.indexOf(Math.max(...oddness));
    if (!(oddness[worst]! > 1)) break;
    odd.push(...left.splice(worst, 1));
  }
  return odd.sort((a, b) => a - b);
}

/** How much larger than the noise the scatter between the scans is about each point, at least 1. */
function localBirge(scans: readonly Sampled[], mean: Mean, grid: Float64Array): Float64Array {
  const n = grid.length;
  const factor = new Float64Array(n).fill(1);
  if (scans.length < 2) return factor;
  const sums = new Float64Array(n + 1);
  const counts = new Float64Array(n + 1);
  const residuals = scans.map((scan) => compare(scan, mean, grid).residual);
  for (let i = 0; i < n; i++) {
    let chi2 = 0;
    let used = 0;
    scans.forEach((scan, k) => {
      if (!Number.isFinite(residuals[k]![i]!)) return;
      chi2 += (residuals[k]![i]! / scan.sigma[i]!) ** 2;
      used++;
    });
    sums[i + 1] = sums[i]! + chi2;
    counts[i + 1] = counts[i]! + Math.max(0, used - 1);
  }
  for (let i = 0; i < n; i++) {
    const from = Math.max(0, i - REACH);
    const to = Math.min(n, i + REACH + 1);
    const degrees = counts[to]! - counts[from]!;
    if (degrees > 0) factor[i] = Math.sqrt(Math.max(1, (sums[to]! - sums[from]!) / degrees));
  }
  return factor;
}
