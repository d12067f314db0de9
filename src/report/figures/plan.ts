import { text } from '@observablehq/plot';
import type { Identifiability } from '../../interphase/coupled/identifiability.js';
import { errorBarsAcross, verticalBand } from '../drawing/bars.js';
import { points } from '../drawing/curves.js';
import { isNumber, short } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark, type Panel } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, INK, LIGHT, SMALL, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';
import { spoken } from './parts/boundaries.js';

/** What a scan can reach: uncertainties of x under several assumptions, of the places, and what x hangs on. */
export const planFigure = (plan: Identifiability): Figure =>
  figure(
    'plan',
    'What this line scan can reach',
    'Best reachable standard uncertainties (Fisher information). a: of x, from counting alone, with grain statistics, and ' +
      'when something else may differ between the layer and the electrolyte as well. b: of the boundaries and the ' +
      'thickness. c: correlation of x with the other parameters.',
    () => draw(plan),
  );

interface Bar {
  label: string;
  value: number;
}

function draw(plan: Identifiability): Drawing {
  const ofX: Bar[] = [
    { label: 'counting alone', value: plan.countingSigmaX },
    { label: 'with grain statistics', value: plan.sigma.x },
    ...plan.freed.map(({ name, sigmaX }) => ({ label: `${name} free`, value: sigmaX })),
  ];
  const ofPlaces: Bar[] = [
    ...(['anode|aei', 'aei|electrolyte'] as const).map((name) => ({
      label: spoken(name),
      value: plan.sigma[name],
    })),
    { label: 'thickness', value: plan.thicknessSigma_um },
  ];
  const correlations: Bar[] = [
    ...plan.correlations.map(({ name, correlation }) => ({ label: spoken(name), value: correlation })),
    ...plan.freed.map(({ name, correlation }) => ({ label: name, value: correlation })),
  ];
  const width = DOUBLE_COLUMN / 3;
  const height = 60 + 30 * Math.max(ofX.length, ofPlaces.length, correlations.length);
  const panels = [
    bars(ofX, 'σ of x', 'a', BLUE, [0, null]),
    bars(ofPlaces, 'σ of position (µm)', 'b', BLUE, [0, null]),
    bars(correlations, 'correlation with x', 'c', VERMILLION, [-1.05, 1.05]),
  ];
  return { height, panels: panels.map((panel, i) => ({ ...panel, left: i * width, top: 0, width, height })) };
}

/** Horizontal bars with their names over them and their values at their ends. */
function bars(
  all: Bar[],
  label: string,
  letter: string,
  colour: string,
  [low, high]: [number, number | null],
): Omit<Panel, 'left' | 'top' | 'width' | 'height'> {
  const shown = all.filter(({ value }) => isNumber(value));
  const top = high ?? 1.35 * Math.max(1e-9, ...shown.map(({ value }) => value));
  const y = shown.map((_, i) => shown.length - 1 - i);
  const marks: Mark[] = [
    ...(low < 0 ? [verticalBand(0, null, { colour: LIGHT })] : []),
    errorBarsAcross(
      shown.map(({ value }) => value / 2),
      y,
      shown.map(({ value }) => Math.abs(value) / 2),
      colour,
    ),
    points(
      shown.map(({ value }) => value),
      y,
      { stroke: colour, fill: colour, radius: 2.4 },
    ),
    text(shown, {
      x: low < 0 ? low : 0,
      y: (_: Bar, i: number) => y[i]!,
      text: (bar: Bar) => `${short(bar.label, 32)}: ${worded(bar.value)}`,
      textAnchor: 'start',
      dx: 6,
      dy: -10,
      fontSize: SMALL,
      fill: INK,
      stroke: 'white',
      strokeWidth: 2.5,
    } as never),
    ...(shown.length === 0 ? [emptyNote('not determined')] : []),
  ];
  return {
    letter,
    margin: { left: 20, right: 12, top: 12 },
    x: { domain: [low, top], label, ticks: 4 },
    y: { domain: [-0.6, Math.max(1, shown.length) - 0.2], label: '', ticks: [] },
    marks,
  };
}

/** Two digits, and no more than thousandths of what is next to nothing. */
const worded = (value: number): string =>
  (Math.abs(value) < 5e-4 ? '0.000' : String(Number(value.toPrecision(2)))).replace('-', '−');
