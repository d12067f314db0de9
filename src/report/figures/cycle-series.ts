import { text } from '@observablehq/plot';
import type { ValueSigma } from '../../result.js';
import { errorBars } from '../drawing/bars.js';
import { band, curve, points } from '../drawing/curves.js';
import { domainOf, extent, isNumber } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark, type Panel } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, GREEN, GREY, SMALL } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';
import { short } from './parts/edges.js';

export interface CycleSeries {
  samples: { label: string; cycles: number; thickness_um: ValueSigma | null; x: ValueSigma | null }[];
  /** The fitted growth with its 95 % band; null where it could not be fitted. */
  growth: {
    cycles: Float64Array;
    thickness_um: Float64Array;
    low95_um: Float64Array;
    high95_um: Float64Array;
  } | null;
}

/** Thickness and composition of the interphase against the number of cycles. */
export const cycleSeries = (series: CycleSeries): Figure =>
  figure(
    'cycle-series',
    'Growth of the interphase',
    'Thickness (a) and indium content (b) of the interphase against the number of cycles, with 95 % bars, and the ' +
      'saturating growth fitted to them with its 95 % band.',
    () => draw(series),
  );

function draw({ samples, growth }: CycleSeries): Drawing {
  const width = DOUBLE_COLUMN / 2;
  const cycles = samples.map((one) => one.cycles);
  const span = domainOf(extent(cycles, growth?.cycles ?? []), 0.05);
  const fit: Mark[] = growth
    ? [
        band(growth.cycles, growth.low95_um, growth.high95_um, { fill: BLUE, opacity: 0.15 }),
        curve(growth.cycles, growth.thickness_um, { stroke: GREY, width: 1.2 }),
      ]
    : [];
  const a = panelOf('thickness (µm)', 'a', samples, ({ thickness_um }) => thickness_um, BLUE, fit, [
    growth?.high95_um ?? [],
  ]);
  const b = panelOf('x (In per formula unit)', 'b', samples, ({ x }) => x, GREEN, [], []);
  return {
    height: 220,
    panels: [a, b].map((panel, i) => ({
      ...panel,
      left: i * width,
      width,
      height: 220,
      x: { domain: span, label: 'cycles', ticks: 6 },
    })),
  };
}

function panelOf(
  label: string,
  letter: string,
  samples: CycleSeries['samples'],
  pick: (sample: CycleSeries['samples'][number]) => ValueSigma | null,
  colour: string,
  under: Mark[],
  ranges: ArrayLike<number>[],
): Omit<Panel, 'left' | 'width' | 'height' | 'x'> {
  const shown = samples.filter((sample) => isNumber(pick(sample)?.value));
  const x = shown.map(({ cycles }) => cycles);
  const y = shown.map((sample) => pick(sample)!.value);
  const half = shown.map((sample) => 1.96 * (pick(sample)!.sigma || 0));
  const range = extent(
    [0],
    y.map((v, i) => v - half[i]!),
    y.map((v, i) => v + half[i]!),
    ...ranges,
  );
  return {
    top: 0,
    letter,
    margin: { left: 52, top: 10 },
    y: { domain: domainOf(range, 0.03, 0.15), label, ticks: 5 },
    marks: [
      ...under,
      errorBars(x, y, half, colour),
      points(x, y, { stroke: colour, fill: 'white', radius: 2.2 }),
      text(
        shown.filter(({ label: name, cycles }) => name !== String(cycles)),
        {
          x: 'cycles',
          y: (sample: (typeof shown)[number]) => pick(sample)!.value,
          text: ({ label: name }: { label: string }) => short(name, 12),
          dy: -9,
          fontSize: SMALL,
          fill: GREY,
        },
      ),
      ...(shown.length === 0 ? [emptyNote('no values')] : []),
    ],
  };
}
