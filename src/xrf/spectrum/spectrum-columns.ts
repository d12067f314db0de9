import {
  addPeak,
  channelOf,
  comptonEnergy_eV,
  type Detector,
  escapeEnergy_eV,
  escapeRatio,
  fwhm_eV,
} from './detector.js';
import type { LineGroup } from './line-groups.js';
import { snipBackground } from './snip.js';

/** One component of a spectrum: counts per channel for unit area, over a stretch of channels. */
export interface Column {
  name: string;
  kind: 'element' | 'scatter' | 'pile-up' | 'background';
  /** First channel of `values`, counted from the first fitted channel. */
  first: number;
  values: Float64Array;
}

export interface ColumnOptions {
  /** Fitted channels, both included. */
  firstChannel: number;
  lastChannel: number;
  incident_eV: number | null;
  scatterAngle_deg: number;
  escape: boolean;
  pileUp: boolean;
  /** Number of stretches in which the background may scale on its own. */
  backgroundPieces: number;
}

/** Pile-up and background: they come from the sum spectrum itself and hardly depend on the detector's exact numbers. */
export function ownColumns(detector: Detector, sum: ArrayLike<number>, o: ColumnOptions): Column[] {
  const n = o.lastChannel - o.firstChannel + 1;
  return [...(o.pileUp ? [pileUp(sum, detector, n, o)] : []), ...background(sum, detector, n, o)].filter(
    (c) => c.values.length > 0,
  );
}

export function spectrumColumns(
  groups: readonly LineGroup[],
  detector: Detector,
  own: readonly Column[],
  o: ColumnOptions,
): Column[] {
  const n = o.lastChannel - o.firstChannel + 1;
  const columns: Column[] = groups.map((group) => {
    const values = new Float64Array(n);
    for (const line of group.lines) {
      addPeak(values, o.firstChannel, detector, line.energy_eV, line.share);
      if (o.escape)
        addPeak(
          values,
          o.firstChannel,
          detector,
          escapeEnergy_eV(line.energy_eV),
          line.share * escapeRatio(line.energy_eV),
        );
    }
    return trimmed(group.name, 'element', values);
  });
  if (o.incident_eV !== null && channelOf(detector, o.incident_eV) < o.lastChannel + 60)
    columns.push(...scatter(detector, o.incident_eV, n, o));
  columns.push(...own);
  return columns.filter((c) => c.values.length > 0);
}

/** Elastic peak, and an inelastic one that is broadened by the electrons' motion (and by a range of angles). */
function scatter(d: Detector, incident_eV: number, n: number, o: ColumnOptions): Column[] {
  const elastic = new Float64Array(n);
  addPeak(elastic, o.firstChannel, d, incident_eV, 1);
  const compton = comptonEnergy_eV(incident_eV, o.scatterAngle_deg);
  const parts = [1.3, 3].map((broad) => {
    const values = new Float64Array(n);
    addPeak(values, o.firstChannel, d, compton, 1, broad);
    return values;
  });
  return [
    trimmed('elastic', 'scatter', elastic),
    trimmed('compton', 'scatter', parts[0]),
    trimmed('compton tail', 'scatter', parts[1]),
  ];
}

/** Two photons within the resolving time: the sum spectrum convolved with itself. */
function pileUp(sum: ArrayLike<number>, d: Detector, n: number, o: ColumnOptions): Column {
  const values = new Float64Array(n);
  const zero = d.offset_eV / d.gain_eV;
  const strong: { k: number; y: number }[] = [];
  for (let k = 0; k < sum.length; k++) if (sum[k] > 0 && o.firstChannel > 0) strong.push({ k, y: sum[k] });
  const top = strong.reduce((m, s) => Math.max(m, s.y), 0);
  const list = strong.filter((s) => s.y > 0.01 * top);
  const shift = Math.round(zero) - o.firstChannel;
  for (const a of list) {
    for (const b of list) {
      const at = a.k + b.k + shift;
      if (at >= 0 && at < n) values[at] += a.y * b.y;
    }
  }
  const total = values.reduce((s, v) => s + v, 0);
  return trimmed('pile-up', 'pile-up', total > 0 ? values.map((v) => v / total) : values);
}

/** The background of the sum spectrum, cut into overlapping triangles so that its shape may change over the map. */
function background(sum: ArrayLike<number>, d: Detector, n: number, o: ColumnOptions): Column[] {
  const whole = snipBackground(sum, (k) => (1.6 * fwhm_eV(d, d.offset_eV + d.gain_eV * k)) / d.gain_eV);
  const under = whole.slice(o.firstChannel, o.lastChannel + 1).map((v) => v + 1e-9);
  const pieces = Math.max(1, o.backgroundPieces);
  return Array.from({ length: pieces }, (_, p) => {
    const centre = pieces === 1 ? 0 : (p * (n - 1)) / (pieces - 1);
    const half = pieces === 1 ? Infinity : (n - 1) / (pieces - 1);
    const values = under.map((v, k) => v * Math.max(0, 1 - Math.abs(k - centre) / half));
    const total = values.reduce((s, v) => s + v, 0);
    return trimmed(
      `background ${p + 1}`,
      'background',
      total > 1e-6 ? values.map((v) => v / total) : values.fill(0),
    );
  });
}

function trimmed(name: string, kind: Column['kind'], values: Float64Array): Column {
  let first = 0;
  let last = values.length - 1;
  while (first <= last && values[first] < 1e-7) first++;
  while (last >= first && values[last] < 1e-7) last--;
  return { name, kind, first, values: values.slice(first, last + 1) };
}
