import { text } from '@observablehq/plot';
import type { LineScanCurves, LineScanResult, PatternCurves, ResultBundle } from '../../result.js';
import { tickRow } from '../drawing/bars.js';
import { curve, dots } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { extent, quantile } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, phaseColour, SMALL, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { resultOf } from './parts/scan.js';

/** A selection of patterns, offset: measured, calculated, difference, with the lines of the phases. */
export const patternStack = (bundle: ResultBundle): Figure[] =>
  bundle.lineScans.map((scan) =>
    figure(
      figureId('pattern-stack', scan.name, bundle.lineScans.length > 1),
      `Patterns of ${scan.name} with their fits`,
      'Square roots of the measured (points) and calculated (line) intensity and their difference (grey, same scale), ' +
        'for patterns chosen evenly over the scan, scaled to equal height and offset; spikes are cut off. Strokes: line positions.',
      () => draw(scan, resultOf(bundle, scan)),
    ),
  );

const MOST = 7;
const STEP = 1.75;
/** What reaches further up than this, or differs by more, is a spike: it is cut off, not drawn into its neighbours. */
const HIGHEST = 1.12;
const WIDEST = 0.2;

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const chosen = choose(scan, result);
  const angles = extent(...chosen.map(({ twoTheta_deg }) => twoTheta_deg)) ?? [0, 1];
  const marks: Mark[] = chosen.length === 0 ? [emptyNote('no patterns')] : [];
  const labels: { y: number; label: string }[] = [];
  chosen.forEach((pattern, i) => {
    const offset = i * STEP;
    const x = pattern.twoTheta_deg;
    const observed = pattern.observed.map(root);
    const fitted = pattern.calculated.length === observed.length && extent(pattern.calculated) !== null;
    const calculated = fitted ? pattern.calculated.map(root) : null;
    const low = quantile(observed, 0.01) || 0;
    // The fit sets the scale, where there is one: it knows nothing of spikes.
    const top = calculated ? quantile(calculated, 1) : quantile(observed, 0.9995);
    const factor = 1 / Math.max(1e-12, top - low);
    const shape = { offset: offset - low * factor, factor };
    const within = observed.map((y) => (y > low + HIGHEST / factor ? Number.NaN : y));
    if (calculated) {
      const widest = WIDEST / factor;
      const difference = observed.map((y, k) => Math.max(-widest, Math.min(widest, y - calculated[k]!)));
      marks.push(
        dots(x, within, { ...shape, stroke: INK, radius: 0.65 }),
        curve(x, calculated, { ...shape, stroke: VERMILLION, width: 0.8 }),
        curve(x, difference, { stroke: GREY, width: 0.5, factor, offset: offset - 0.25 }),
      );
    } else marks.push(curve(x, within, { ...shape, stroke: INK, width: 0.7 }));
    labels.push({ y: offset + 1.2, label: describe(scan, result, pattern) });
  });
  const height = 60 + 62 * Math.max(3, chosen.length) + 10 * scan.ticks.length;
  const top = Math.max(1, chosen.length) * STEP - 0.35;
  const room = (10 * scan.ticks.length * (top + 0.6)) / Math.max(1, height - 60);
  marks.push(
    text(labels, {
      y: 'y',
      text: 'label',
      frameAnchor: 'right',
      dx: -5,
      fontSize: SMALL,
      fill: INK,
      stroke: 'white',
      strokeWidth: 3,
    }),
    ...scan.ticks.map((tick, i) =>
      tickRow(
        tick.twoTheta_deg.map((t) => (t >= angles[0] && t <= angles[1] ? t : Number.NaN)),
        tick.relativeIntensity,
        { from: 'bottom', at: 3 + 10 * (scan.ticks.length - 1 - i), length: 7 },
        phaseColour(tick.phase, i),
      ),
    ),
  );
  return {
    height,
    panels: [
      {
        left: 0,
        top: 0,
        width: DOUBLE_COLUMN,
        height,
        margin: { left: 30, top: 22 },
        x: {
          domain: angles[1] > angles[0] ? angles : [angles[0], angles[0] + 1],
          label: '2θ (°)',
          ticks: 10,
        },
        y: { domain: [-0.6 - room, top], label: '√intensity (normalised, offset)', ticks: [] },
        marks,
      },
    ],
    extras: legendRow(
      [
        { label: 'measured', colour: INK, kind: 'point' },
        { label: 'calculated', colour: VERMILLION },
        { label: 'difference', colour: GREY },
        ...scan.ticks.map((tick, i) => ({
          label: tick.phase,
          colour: phaseColour(tick.phase, i),
          kind: 'tick' as const,
        })),
      ],
      30,
      14,
    ),
  };
}

const root = (y: number): number => Math.sqrt(Math.max(0, y));

/** Evenly over the patterns that hold something, in order of position. */
function choose(scan: LineScanCurves, result: LineScanResult | undefined): PatternCurves[] {
  const bad = new Set(
    result?.patterns
      .filter(({ status }) => status === 'excluded' || status === 'failed')
      .map(({ index }) => index),
  );
  const usable: { at_um: number; place: number }[] = [];
  let place = 0;
  for (const { index, observed } of scan.patterns) {
    if (!bad.has(index) && extent(observed) !== null)
      usable.push({ at_um: scan.positions_um[index] ?? index, place });
    place++;
  }
  usable.sort((a, b) => a.at_um - b.at_um);
  const few = Math.min(MOST, usable.length);
  return Array.from({ length: few }, (_, i) => {
    const one = usable[few === 1 ? 0 : Math.round((i * (usable.length - 1)) / (few - 1))]!;
    return scan.patterns.at(one.place)!;
  });
}

function describe(scan: LineScanCurves, result: LineScanResult | undefined, pattern: PatternCurves): string {
  const at = scan.positions_um[pattern.index];
  const rwp = result?.patterns.find(({ index }) => index === pattern.index)?.rwp_percent;
  const place =
    at === undefined || !Number.isFinite(at) ? `pattern ${pattern.index}` : `${Number(at.toFixed(2))} µm`;
  return rwp === null || rwp === undefined ? place : `${place}, Rwp ${rwp.toFixed(1)} %`;
}
