import { text } from '@observablehq/plot';
import { curve } from '../drawing/curves.js';
import { textWidth } from '../drawing/legend.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, INK, SMALL } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';

/** Patterns of one way of substitution, in order of amount. */
export interface SimulatedSeries {
  heading: string;
  patterns: { label: string; twoTheta_deg: Float64Array; intensity: Float64Array }[];
}

const PANEL_HEIGHT = 320;
/** Each pattern stands this much of the tallest one's height above the one before. */
const STEP = 0.55;

/** Stacks of simulated patterns side by side, one panel a series: intensities on one scale over all of them. */
export const simulatedPatterns = (series: SimulatedSeries[]): Figure =>
  figure(
    'simulated-patterns',
    'Simulated diffraction patterns',
    'Simulated patterns, one panel for each place that the dopant can take; amounts rise upwards. Every pattern is ' +
      'normalised to its own strongest line.',
    () => draw(series),
  );

function draw(series: SimulatedSeries[]): Drawing {
  const columns = series.length > 1 ? 2 : 1;
  const rows = Math.ceil(series.length / columns);
  const width = DOUBLE_COLUMN / columns;
  const top = Math.max(
    ...series.flatMap(({ patterns }) => patterns.map(({ intensity }) => largest(intensity))),
  );
  return {
    height: rows * PANEL_HEIGHT,
    panels: series.map((one, i) => ({
      ...panel(one, top > 0 ? top : 1),
      left: (i % columns) * width,
      top: Math.floor(i / columns) * PANEL_HEIGHT,
      width,
      height: PANEL_HEIGHT,
      ...(series.length > 1 ? { letter: String.fromCharCode(97 + i) } : {}),
    })),
  };
}

function panel(
  { heading, patterns }: SimulatedSeries,
  top: number,
): Omit<Panel, 'left' | 'top' | 'width' | 'height'> {
  const marks: Mark[] = patterns.map(({ twoTheta_deg, intensity }, i) =>
    curve(twoTheta_deg, intensity, {
      stroke: shade(patterns.length > 1 ? i / (patterns.length - 1) : 0),
      width: 0.8,
      factor: 1 / top,
      offset: i * STEP,
    }),
  );
  const angles = patterns[0]!.twoTheta_deg;
  const height = (patterns.length - 1) * STEP + 1.08;
  const right = 12 + Math.max(...patterns.map(({ label }) => textWidth(label, SMALL)));
  marks.push(
    text(patterns, {
      x: () => angles[angles.length - 1],
      y: (_: unknown, i: number) => i * STEP,
      text: 'label',
      dx: 6,
      textAnchor: 'start',
      fontSize: SMALL,
      fill: INK,
    } as never),
  );
  return {
    heading,
    margin: { left: 24, right },
    x: { domain: [angles[0]!, angles[angles.length - 1]!], label: '2θ (°)', ticks: 6 },
    y: { domain: [-0.05, height], label: 'intensity (offset)', ticks: [] },
    marks,
  };
}

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);

/** From black over blue to light blue: lightness rises evenly, so that order can be read without colour. */
function shade(t: number): string {
  const mix = (a: number, b: number) => Math.round(a + t * (b - a));
  return `rgb(${mix(20, 90)},${mix(20, 170)},${mix(40, 235)})`;
}
