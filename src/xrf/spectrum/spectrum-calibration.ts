import { comptonEnergy_eV, type Detector, detectorDefaults, fwhm_eV } from './detector.js';
import type { LineGroup } from './line-groups.js';
import { minimize } from './simplex.js';
import { snipBackground } from './snip.js';
import { type Column, type ColumnOptions, ownColumns, spectrumColumns } from './spectrum-columns.js';
import { type FitterSetup, SpectrumFitter } from './spectrum-fit.js';

export interface Peak {
  channel: number;
  height: number;
}

/** Local maxima of the smoothed spectrum that stand out of the background by five standard deviations, highest first. */
export function findPeaks(sum: ArrayLike<number>, fwhm_channels: number): Peak[] {
  const background = snipBackground(sum, () => 1.5 * fwhm_channels);
  const half = Math.max(1, Math.round(fwhm_channels / 2));
  const smooth = new Float64Array(sum.length);
  for (let k = 0; k < sum.length; k++) {
    let total = 0;
    let n = 0;
    for (let i = Math.max(0, k - half); i <= Math.min(sum.length - 1, k + half); i++) {
      total += sum[i] - background[i];
      n++;
    }
    smooth[k] = total / n;
  }
  const peaks: Peak[] = [];
  for (let k = 2 * half; k < sum.length - 2 * half; k++) {
    let top = true;
    for (let i = k - 2 * half; i <= k + 2 * half && top; i++)
      top = smooth[i] < smooth[k] || i === k || (smooth[i] === smooth[k] && i > k);
    const noise = Math.sqrt((background[k] + Math.abs(smooth[k]) + 1) / (2 * half + 1));
    if (top && smooth[k] > 5 * noise) peaks.push({ channel: k, height: smooth[k] });
  }
  return peaks.sort((a, b) => b.height - a.height);
}

/**
 * Energy axis of a spectrum that has none, from the lines that it should show: every two peaks are tried as every two
 * lines, and the axis on which most of the peaks (weighted by the root of their height) fall on lines wins. Null when
 * fewer than two lines or two peaks are there, or when the best axis explains less than half of the peaks.
 */
export function findCalibration(
  sum: ArrayLike<number>,
  groups: readonly LineGroup[],
  incident_eV: number | null,
): { offset_eV: number; gain_eV: number } | null {
  const lines = groups.flatMap((g) => g.lines.slice(0, 4).map((l) => l.energy_eV));
  const strong = groups.map((g) => g.main.energy_eV);
  if (incident_eV !== null) {
    lines.push(incident_eV, comptonEnergy_eV(incident_eV, 90));
    strong.push(incident_eV, comptonEnergy_eV(incident_eV, 90));
  }
  const peaks = findPeaks(sum, Math.max(4, sum.length / 130)).slice(0, 12);
  if (peaks.length < 2 || strong.length < 2) return null;
  const all = peaks.reduce((s, p) => s + Math.sqrt(p.height), 0);
  let best: { offset_eV: number; gain_eV: number } | null = null;
  let top = 0;
  for (const a of peaks) {
    for (const b of peaks) {
      if (b.channel <= a.channel + 10) continue;
      for (const ea of strong) {
        for (const eb of strong) {
          const gain_eV = (eb - ea) / (b.channel - a.channel);
          const offset_eV = ea - gain_eV * a.channel;
          if (!(gain_eV > 1 && gain_eV < 60) || Math.abs(offset_eV) > 300) continue;
          let score = -Math.abs(offset_eV) / 3000;
          for (const p of peaks) {
            const energy = offset_eV + gain_eV * p.channel;
            const width = fwhm_eV({ offset_eV, gain_eV, ...detectorDefaults }, energy) * 0.35;
            let near = Infinity;
            for (const l of lines) near = Math.min(near, Math.abs(energy - l));
            score += (Math.sqrt(p.height) / all) * Math.exp(-((near / width) ** 2));
          }
          if (score > top) {
            top = score;
            best = { offset_eV, gain_eV };
          }
        }
      }
    }
  }
  return top > 0.5 ? best : null;
}

/**
 * A first energy axis from the scatter alone: the peak of highest energy is taken for the elastic one (or its Compton
 * shoulder) and the axis for one through zero. Good to about 1 %, enough to name lines and refine. Null without a peak.
 */
export function axisFromScatter(
  sum: ArrayLike<number>,
  incident_eV: number,
): { offset_eV: number; gain_eV: number } | null {
  const peaks = findPeaks(sum, Math.max(4, sum.length / 130)).slice(0, 15);
  if (peaks.length === 0) return null;
  const highest = Math.max(...peaks.map((p) => p.channel));
  return { offset_eV: 0, gain_eV: incident_eV / highest };
}

/**
 * Chi square of the non-negative fit of one spectrum. Weights are the counts about each channel, over a third of the width of a
 * peak to either side: a channel's own count as its weight favours channels that chance left low, and takes about one count a
 * channel off every line (Neyman's chi square; Baker and Cousins, Nucl. Instrum. Methods 221 (1984) 437), while what the fit
 * expects would give peaks that nobody named all the say.
 */
export function sumFit(
  sum: Float64Array,
  groups: readonly LineGroup[],
  detector: Detector,
  o: ColumnOptions,
  own: readonly Column[] = ownColumns(detector, sum, o),
  withSigma = true,
): { chi2: number; setup: FitterSetup; c: Float64Array; sigma: Float64Array; curve: Float64Array } {
  const columns = spectrumColumns(groups, detector, own, o);
  const n = o.lastChannel - o.firstChannel + 1;
  const y = sum.subarray(o.firstChannel, o.lastChannel + 1);
  const expected = countsAbout(sum, detector, o);
  const setup = { columns, expected, summed: 1 };
  const fitter = new SpectrumFitter(setup);
  const c = new Float64Array(columns.length);
  const sigma = new Float64Array(columns.length);
  fitter.solve(y, c);
  if (withSigma) fitter.errors(c, sigma);
  const curve = fitter.curve(c);
  let chi2 = 0;
  for (let k = 0; k < n; k++) chi2 += (y[k] - curve[k]) ** 2 / expected[k];
  return { chi2, setup, c, sigma, curve };
}

/** Mean counts about each fitted channel, half a count at least. */
function countsAbout(sum: Float64Array, d: Detector, o: ColumnOptions): Float64Array {
  const before = new Float64Array(sum.length + 1);
  for (let k = 0; k < sum.length; k++) before[k + 1] = before[k] + sum[k];
  return Float64Array.from({ length: o.lastChannel - o.firstChannel + 1 }, (_, i) => {
    const k = o.firstChannel + i;
    const half = Math.round(Math.max(1, fwhm_eV(d, d.offset_eV + d.gain_eV * k) / d.gain_eV / 3));
    const [from, to] = [Math.max(0, k - half), Math.min(sum.length, k + half + 1)];
    return Math.max((before[to] - before[from]) / (to - from), 0.5);
  });
}

/** Offset, gain, noise and Fano factor that fit the sum spectrum best, near the given ones. */
export function refineDetector(
  sum: Float64Array,
  groups: readonly LineGroup[],
  start: Detector,
  o: ColumnOptions,
): Detector {
  const at = (p: ArrayLike<number>): Detector => ({
    offset_eV: p[0],
    gain_eV: p[1],
    noise_eV: Math.abs(p[2]),
    fano: Math.abs(p[3]),
  });
  const own = ownColumns(start, sum, o);
  const cost = (p: Float64Array): number => {
    const d = at(p);
    if (d.noise_eV > 400 || d.fano > 0.4 || d.noise_eV < 10 || d.fano < 0.03) return Infinity;
    if (Math.abs(d.gain_eV / start.gain_eV - 1) > 0.03 || Math.abs(d.offset_eV - start.offset_eV) > 120)
      return Infinity;
    try {
      return sumFit(sum, groups, d, o, own, false).chi2;
    } catch (thrown) {
      if (thrown instanceof RangeError) return Infinity;
      throw thrown;
    }
  };
  const first = minimize(
    cost,
    [start.offset_eV, start.gain_eV, start.noise_eV, start.fano],
    [15, start.gain_eV * 0.002, 15, 0.02],
    120,
  );
  return at(minimize(cost, first, [-5, start.gain_eV * 0.001, -8, 0.01], 100));
}
