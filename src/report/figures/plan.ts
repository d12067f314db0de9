import { text } from '@observablehq/plot';
import { imageBetween } from '../drawing/annotations.js';
import { colourBar } from '../drawing/colour-bar.js';
import { curve, points } from '../drawing/curves.js';
import { divergingImage } from '../drawing/heat-image.js';
import { legendColumn } from '../drawing/legend.js';
import { extent, isNumber } from '../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, INK, SMALL, seriesColour } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';
import { short } from './parts/edges.js';

export interface Plan {
  title: string;
  /** Best reachable standard uncertainty against counts, each quantity with its unit. */
  reach: {
    label: string;
    unit: string;
    counts: number[];
    sigma: number[];
    now: { counts: number; sigma: number } | null;
  }[];
  /** Correlations of the parameters, row by row. */
  correlation: { names: string[]; values: ArrayLike<number> } | null;
}

/** What a scan can reach before it is measured: uncertainties against counts, and what they are entangled with. */
export const planFigure = (plan: Plan): Figure =>
  figure(
    'plan',
    plan.title,
    'a: best reachable standard uncertainty (Cramér-Rao) against the counts at the strongest line; filled: as planned. ' +
      'b: correlations of the parameters.',
    () => draw(plan),
  );

function draw({ reach, correlation }: Plan): Drawing {
  const width = correlation === null ? DOUBLE_COLUMN * 0.6 : DOUBLE_COLUMN * 0.46;
  const height = 280;
  const positive = (values: number[]): number[] => values.filter((v) => isNumber(v) && v > 0);
  const x = extent(...reach.map(({ counts }) => positive(counts))) ?? [1, 10];
  const y = extent(...reach.map(({ sigma }) => positive(sigma))) ?? [0.001, 1];
  const marks: Mark[] = reach.flatMap(({ counts, sigma, now }, i) => [
    curve(counts, sigma, { stroke: seriesColour(i), width: 1.3 }),
    ...(now
      ? [points([now.counts], [now.sigma], { stroke: seriesColour(i), fill: seriesColour(i), radius: 2.6 })]
      : []),
  ]);
  const legend = 12 * reach.length + 8;
  const panels: Panel[] = [
    {
      left: 0,
      top: legend,
      width,
      height,
      ...(correlation === null ? {} : { letter: 'a' }),
      margin: { left: 54 },
      x: {
        domain: spread(x),
        type: 'log',
        label: 'counts at the strongest line',
        ticks: 4,
        tickFormat: '~s',
      },
      y: { domain: spread(y), type: 'log', label: 'standard uncertainty', ticks: 5, tickFormat: '~g' },
      marks,
    },
  ];
  if (correlation !== null)
    panels.push(...matrix(correlation, { left: width, top: legend, width: DOUBLE_COLUMN - width, height }));
  return {
    width: correlation === null ? width : DOUBLE_COLUMN,
    height: height + legend,
    panels,
    extras: legendColumn(
      reach.map(({ label, unit }, i) => ({
        label: unit === '' ? label : `${label} (${unit})`,
        colour: seriesColour(i),
      })),
      54,
      13,
    ),
  };
}

const spread = ([low, high]: [number, number]): [number, number] =>
  high > low ? [low / 1.3, high * 1.3] : [low / 2, high * 2];

function matrix(
  { names, values }: NonNullable<Plan['correlation']>,
  place: { left: number; top: number; width: number; height: number },
): Panel[] {
  const n = names.length;
  const labels = names.map((name) => short(name, 12));
  const frame = { margin: { left: 66, right: 2, top: 8, bottom: 60 } };
  const cells = Array.from({ length: n * n }, (_, i) => ({
    row: Math.floor(i / n),
    column: i % n,
    value: values[i]!,
  }));
  const marks: Mark[] = [
    imageBetween(divergingImage(values, n, n), [-0.5, n - 0.5], [n - 0.5, -0.5]),
    ...(n > 8
      ? []
      : [
          text(cells, {
            x: 'column',
            y: 'row',
            text: ({ value }: { value: number }) =>
              isNumber(value) ? value.toFixed(2).replace('-', '−') : '',
            fontSize: SMALL - 1,
            fill: ({ value }: { value: number }) => (Math.abs(value) > 0.65 ? 'white' : INK),
          }),
        ]),
    text(labels, {
      x: (_: string, i: number) => i,
      text: (label: string) => label,
      frameAnchor: 'bottom',
      rotate: -90,
      textAnchor: 'end',
      dy: 6,
      fontSize: SMALL,
    } as never),
    text(labels, {
      y: (_: string, i: number) => i,
      text: (label: string) => label,
      frameAnchor: 'left',
      textAnchor: 'end',
      dx: -6,
      fontSize: SMALL,
    } as never),
  ];
  return [
    {
      left: place.left,
      top: place.top,
      width: place.width - 58,
      height: place.height,
      letter: 'b',
      ...frame,
      x: { domain: [-0.5, n - 0.5], label: null },
      y: { domain: [n - 0.5, -0.5], label: null },
      marks,
    },
    colourBar(
      { left: place.left + place.width - 58, top: place.top, height: place.height, marginBottom: 60 },
      { low: -1, high: 1, map: 'rdbu', label: 'correlation' },
    ),
  ];
}
