import { upright } from '../drawing/bars.js';
import { band, curve } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent, plusMinus, short } from '../drawing/numbers.js';
import type { Drawing, Mark, Note, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, LIGHT, seriesColour } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';

/** A channel that a shift comes from, on both axes. */
export interface CalibrationDrawing {
  label: string;
  feature: string;
  energy_eV: Float64Array;
  moved_eV: Float64Array;
  mu: Float64Array;
  derivative: Float64Array;
  measured_eV: { value: number; sigma: number };
  e0_eV: number;
  /** How far from the feature is drawn. */
  span_eV: number;
}

const MOST = 8;
const ROW = 150;
const TOP = 30;

/** Each feature that was calibrated on, where it was measured and where it was put. */
export const calibrationFigure = (channels: readonly CalibrationDrawing[]): Figure =>
  figure(
    'calibration',
    'Energy calibration',
    'Absorption (left) and its derivative (right) as measured (grey) and on the calibrated axis (colour); the grey band is the 95 % interval ' +
      'of the feature as measured, the stroke its known energy.',
    () => draw(channels.slice(0, MOST)),
  );

function draw(channels: readonly CalibrationDrawing[]): Drawing {
  const panels = channels.flatMap((channel, k) => [
    panelOf(channel, k, channel.mu, 0, 'absorption', k === channels.length - 1),
    panelOf(channel, k, channel.derivative, 1, 'derivative', k === channels.length - 1),
  ]);
  const notes = channels.map(({ label, feature, measured_eV, e0_eV }, k): Note => {
    const shift = plusMinus(e0_eV - measured_eV.value, measured_eV.sigma, 'eV');
    return {
      x: 52,
      y: TOP + k * ROW + 9,
      text: `${short(label, 40)}: ${feature.replace(/-(?=\w+$)/u, ' ')}, shift ${shift}`,
    };
  });
  return {
    height: TOP + channels.length * ROW + 24,
    panels,
    notes,
    extras: legendRow(
      [
        { label: 'as measured', colour: GREY },
        { label: 'calibrated', colour: seriesColour(0) },
        { label: 'feature as measured, 95 %', colour: LIGHT },
        { label: 'its known energy', colour: INK },
      ],
      52,
      14,
    ),
  };
}

function panelOf(
  channel: CalibrationDrawing,
  row: number,
  values: Float64Array,
  column: 0 | 1,
  label: string,
  last: boolean,
): Panel {
  const { energy_eV, moved_eV, measured_eV, e0_eV, span_eV } = channel;
  const domain: [number, number] = [e0_eV - span_eV, e0_eV + 1.5 * span_eV];
  const seen = values.filter((_, i) => moved_eV[i]! >= domain[0] && moved_eV[i]! <= domain[1]);
  const y = domainOf(extent(seen), 0.06, 0.06);
  const half = 1.96 * measured_eV.sigma;
  const marks: Mark[] = [
    ...(half > 0 ? [between(measured_eV.value - half, measured_eV.value + half, y)] : []),
    upright(e0_eV, y[0], y[1], INK),
    curve(energy_eV, values, { stroke: GREY, width: 1 }),
    curve(moved_eV, values, { stroke: seriesColour(0), width: 1.1 }),
  ];
  return {
    left: (column * DOUBLE_COLUMN) / 2,
    top: TOP + row * ROW + 10,
    width: DOUBLE_COLUMN / 2,
    height: ROW - 10 + (last ? 24 : 0),
    margin: { left: 52, right: 10, top: 6, bottom: last ? 38 : 18 },
    x: { domain, label: last ? 'energy (eV)' : null, ticks: 5, tickFormat: 'd' },
    y: { domain: y, label, ticks: 3 },
    marks,
  };
}

const between = (from: number, to: number, [low, high]: [number, number]): Mark =>
  band([from, to], [low, low], [high, high], { fill: LIGHT, opacity: 0.9 });
