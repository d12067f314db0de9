import type { LineScanCurves, LineScanResult, PatternCurves, ResultBundle } from '../../result.js';
import { imageBetween } from '../drawing/annotations.js';
import { tickRow } from '../drawing/bars.js';
import { colourBar } from '../drawing/colour-bar.js';
import { heatImage } from '../drawing/heat-image.js';
import { domainOf, extent, quantile, short } from '../drawing/numbers.js';
import { nearestRows, resampled } from '../drawing/resample.js';
import { type Drawing, emptyNote, type Mark, type Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, phaseColour } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { boundaryHorizontals } from './parts/boundaries.js';
import { alongLine, resultOf } from './parts/scan.js';

/** Intensity over position and 2theta, with the lines of the phases and the boundaries. */
export const uxrdContour = (bundle: ResultBundle): Figure[] =>
  alongLine(bundle).map((scan) =>
    figure(
      figureId('uxrd-contour', scan.name, bundle.lineScans.length > 1),
      `Diffraction along the line scan ${scan.name}`,
      `Diffracted intensity (square-root scale) against position and 2θ, λ = ${scan.wavelength_A} Å. Dashed lines: ` +
        'boundaries with their 95 % intervals. Grey: patterns that were left out. Below: line positions of the phases.',
      () => draw(scan, resultOf(bundle, scan)),
    ),
  );

const COLUMNS = 900;
const BAR = 62;

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const ticksHeight = 40 + 12 * Math.max(1, scan.ticks.length);
  const mapHeight = 270;
  const { angles, positions } = ranges(scan);
  const x = { domain: angles[1] > angles[0] ? angles : ([angles[0], angles[0] + 1] as [number, number]) };
  const { marks, domain, low, high } = heat(scan, result, positions, x.domain);
  const top: Panel = {
    left: 0,
    top: 0,
    width: DOUBLE_COLUMN - BAR,
    height: mapHeight,
    margin: { left: 58, bottom: 4 },
    x: { ...x, label: null },
    y: { domain, label: 'position (µm)' },
    marks: [...marks, ...boundaryHorizontals(result?.boundaries ?? [])],
  };
  const phases = scan.ticks.map(({ phase }) => short(phase, 9));
  const below: Panel = {
    left: 0,
    top: mapHeight,
    width: DOUBLE_COLUMN - BAR,
    height: ticksHeight,
    margin: { left: 58, top: 2, bottom: 36 },
    x: { ...x, label: '2θ (°)', ticks: 8 },
    y: { domain: phases.length > 0 ? phases : [''], type: 'band', label: '' },
    marks: scan.ticks.map((tick, i) =>
      tickRow(
        tick.twoTheta_deg.map((t) => (t >= x.domain[0] && t <= x.domain[1] ? t : Number.NaN)),
        tick.relativeIntensity,
        { from: 'top', at: 11 + 12 * i, length: 9 },
        phaseColour(tick.phase, i),
      ),
    ),
  };
  const bar = colourBar(
    { left: DOUBLE_COLUMN - BAR, top: 0, height: mapHeight, marginBottom: 4 },
    { low, high, map: 'viridis', label: '√intensity (√counts)' },
  );
  return { height: mapHeight + ticksHeight, panels: [top, below, bar] };
}

/** Position of every pattern, and the angles that all of them span. */
function ranges(scan: LineScanCurves): { angles: [number, number]; positions: number[] } {
  let angles: [number, number] | null = null;
  const positions: number[] = [];
  for (const { index, twoTheta_deg } of scan.patterns) {
    positions.push(scan.positions_um[index] ?? index);
    angles = extent(twoTheta_deg, angles ?? []);
  }
  return { angles: angles ?? [0, 1], positions };
}

/** One picture of all patterns: rows are equal steps of position, each showing the pattern nearest to it. */
function heat(
  scan: LineScanCurves,
  result: LineScanResult | undefined,
  positions: number[],
  angles: [number, number],
) {
  const span = extent(positions);
  const half = span === null ? 0.5 : (span[1] - span[0]) / Math.max(1, positions.length - 1) / 2 || 0.5;
  const domain = domainOf(span && [span[0] - half, span[1] + half], 0);
  if (span === null) return { marks: [emptyNote('no patterns')] as Mark[], domain, low: 0, high: 1 };
  const rows = Math.min(1200, Math.max(positions.length, isEven(positions) ? 0 : 400));
  const pixels = new Float64Array(rows * COLUMNS).fill(Number.NaN);
  const left = new Set(
    result?.patterns
      .filter(({ status }) => status === 'excluded' || status === 'failed')
      .map(({ index }) => index),
  );
  const shown = { at: -1, roots: null as Float64Array | null };
  nearestRows(positions, domain, rows).forEach((at, row) => {
    if (at >= 0 && at !== shown.at)
      Object.assign(shown, { at, roots: rootsOf(scan.patterns.at(at)!, left, angles) });
    if (at >= 0 && shown.roots) pixels.set(shown.roots, (rows - 1 - row) * COLUMNS);
  });
  const low = Math.floor(quantile(pixels, 0.02) || 0);
  const high = Math.max(low + 1, Math.ceil(quantile(pixels, 0.998) || 1));
  const image = heatImage(pixels, COLUMNS, rows, { low, high, map: 'viridis' });
  return { marks: [imageBetween(image.href, angles, domain)], domain, low, high };
}

/** Square roots of the intensity, one for each column; null for a pattern that was left out. */
const rootsOf = (
  { index, twoTheta_deg, observed }: PatternCurves,
  left: Set<number>,
  angles: [number, number],
): Float64Array | null =>
  left.has(index)
    ? null
    : resampled(twoTheta_deg, observed, angles, COLUMNS).map((v) => Math.sqrt(Math.max(0, v)));

/** Whether the positions lie on equal steps, in any order. */
function isEven(positions: number[]): boolean {
  const sorted = [...positions].sort((a, b) => a - b);
  const step = (sorted.at(-1)! - sorted[0]!) / Math.max(1, sorted.length - 1);
  return step > 0 && sorted.every((at, i) => Math.abs(at - sorted[0]! - i * step) < 0.02 * step);
}
