import { curve } from '../drawing/curves.js';
import { type Drawing, inside, type Mark, type Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, INK } from '../drawing/theme.js';
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
  patterns.forEach(({ label }, i) => {
    // the frame's inside is about 200 px high: labels sit on the base line of their pattern
    const rise = ((i * STEP + 0.04) / (height + 0.05)) * (PANEL_HEIGHT - 62);
    marks.push(inside(label, 'bottom-right', { colour: INK, dy: -rise - 4 }));
  });
  return {
    heading,
    margin: { left: 24 },
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
