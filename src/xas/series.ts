import type { SpectrumResult, ValueSigma } from '../result.js';

/** One quantity along the line; null where a spectrum does not determine it. */
export interface SeriesObservable {
  name: string;
  unit: string;
  values: (ValueSigma | null)[];
}

export interface SpectrumSeries {
  edge: string;
  labels: string[];
  distance_um: Float64Array;
  observables: SeriesObservable[];
}

/**
 * Spectra of one edge that were measured at known places become profiles against the distance along their line: areas of
 * the named peaks, weights of the linear combination, white line and edge energy. The line is the principal axis of the
 * places, pointing along increasing x (or y, if it runs across); a line along an axis keeps that axis' coordinates.
 * Fewer than 3 places give null.
 */
export function seriesOf(results: readonly SpectrumResult[], edge: string): SpectrumSeries | null {
  const placed = results.filter((result) => result.edge === edge && result.role === 'sample' && result.at);
  if (placed.length < 3) return null;
  const distance = alongLine(placed.map(({ at }) => at!));
  const order = placed.map((_, i) => i).sort((a, b) => distance[a]! - distance[b]!);
  const ordered = order.map((i) => placed[i]!);
  return {
    edge,
    labels: ordered.map(({ label }) => label),
    distance_um: Float64Array.from(order, (i) => distance[i]!),
    observables: observablesOf(ordered),
  };
}

function alongLine(places: { x_um: number; y_um: number }[]): number[] {
  const n = places.length;
  const mx = places.reduce((sum, { x_um }) => sum + x_um, 0) / n;
  const my = places.reduce((sum, { y_um }) => sum + y_um, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { x_um, y_um } of places) {
    xx += (x_um - mx) ** 2;
    xy += (x_um - mx) * (y_um - my);
    yy += (y_um - my) ** 2;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  let [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  if (Math.abs(cos) > Math.abs(sin) ? cos < 0 : sin < 0) [cos, sin] = [-cos, -sin];
  return places.map(({ x_um, y_um }) => x_um * cos + y_um * sin);
}

function observablesOf(spectra: readonly SpectrumResult[]): SeriesObservable[] {
  const observables: SeriesObservable[] = [];
  const names = (of: (s: SpectrumResult) => string[]): string[] => [...new Set(spectra.flatMap(of))];
  for (const name of names((s) => s.peaks.map((peak) => peak.name)))
    observables.push({
      name: `area of peak ${name}`,
      unit: 'eV',
      values: spectra.map((s) => peakArea(s, name)),
    });
  for (const name of names((s) => Object.keys(s.lcf?.weights ?? {})))
    observables.push({
      name: `weight of ${name}`,
      unit: '',
      values: spectra.map((s) => s.lcf?.weights[name] ?? null),
    });
  observables.push({ name: 'white line', unit: 'eV', values: spectra.map((s) => s.white_line_eV) });
  observables.push({ name: 'edge', unit: 'eV', values: spectra.map((s) => s.e0_eV) });
  return observables;
}

/** A peak that is not there counts as zero, as uncertain as its limit says. */
function peakArea(spectrum: SpectrumResult, name: string): ValueSigma | null {
  const found = spectrum.peaks.find((peak) => peak.name === name);
  if (found) return found.area;
  const limit = spectrum.absent_peaks?.find((peak) => peak.name === name)?.area_limit95;
  return limit ? { value: 0, sigma: limit / 1.645 } : null;
}
