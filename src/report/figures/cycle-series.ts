import type { CyclePoint, CycleSeries } from '../../interphase/together/cycle-series.js';
import { errorBars } from '../drawing/bars.js';
import { band, curve, points } from '../drawing/curves.js';
import { custom } from '../drawing/custom.js';
import { domainOf, extent, isNumber } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark, type Panel, textElement } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, GREEN, GREY } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';

export interface CycleQuantity {
  /** With its unit, as the axis says it. */
  label: string;
  series: CycleSeries;
}

/** Thickness, composition or anything else of the interphase against the number of cycles, one panel each. */
export const cycleFigure = (quantities: CycleQuantity[]): Figure =>
  figure(
    'cycle-series',
    'The interphase over cycling',
    'Each sample with its 95 % bar, and the best of the models that the data determine with its 95 % band: saturating ' +
      'growth, sigmoid growth or a constant. At the foot: × for a sample without a layer, ? for one of which it cannot be told.',
    () => draw(quantities),
  );

function draw(quantities: CycleQuantity[]): Drawing {
  const columns = Math.max(1, Math.min(2, quantities.length));
  const width = DOUBLE_COLUMN / columns;
  const height = 220;
  const panels = quantities.map(
    (quantity, i): Panel => ({
      ...panelOf(quantity, [BLUE, GREEN][i % 2]!),
      ...(quantities.length > 1 ? { letter: String.fromCharCode(97 + i) } : {}),
      left: (i % columns) * width,
      top: Math.floor(i / columns) * height,
      width,
      height,
    }),
  );
  return { height: height * Math.max(1, Math.ceil(quantities.length / columns)), panels };
}

/** Samples that have no value, at the foot of the frame where they take no height from the others. */
const withoutValue = (all: readonly CyclePoint[]): Mark =>
  custom((sx, _, frame) =>
    all
      .filter(({ value }) => !isNumber(value?.value))
      .map(({ cycles, present }) =>
        textElement(present === false ? '×' : '?', {
          x: sx(cycles),
          y: frame.bottom - 3,
          anchor: 'middle',
          colour: GREY,
          size: 11,
        }),
      ),
  );

type Known = CyclePoint & { value: NonNullable<CyclePoint['value']> };

function panelOf(
  { label, series }: CycleQuantity,
  colour: string,
): Omit<Panel, 'left' | 'top' | 'width' | 'height'> {
  const shown = series.points.filter((point): point is Known => isNumber(point.value?.value));
  const fit = series.fits[0]?.curve;
  const x = shown.map(({ cycles }) => cycles);
  const y = shown.map(({ value }) => value.value);
  const half = shown.map(({ value }) => 1.96 * (value.sigma || 0));
  // Neither a thickness nor a composition is negative.
  const low = fit?.value.map((v, i) => Math.max(v - 1.96 * fit.sigma[i]!, 0)) ?? new Float64Array(0);
  const high = fit?.value.map((v, i) => v + 1.96 * fit.sigma[i]!) ?? new Float64Array(0);
  const range = extent(
    [0],
    y.map((v, i) => v - half[i]!),
    y.map((v, i) => v + half[i]!),
    fit?.value ?? [],
    // The band is shown whole unless it would press the samples into the foot of the panel.
    high.map((v) => Math.min(v, 2 * Math.max(0, ...y))),
  );
  const marks: Mark[] = [
    ...(fit ? [band(fit.cycles, low, high, { fill: colour, opacity: 0.15 })] : []),
    ...(fit ? [curve(fit.cycles, fit.value, { stroke: GREY, width: 1.2 })] : []),
    errorBars(x, y, half, colour),
    points(x, y, { stroke: colour, fill: 'white', radius: 2.2 }),
    ...(shown.length === 0 ? [emptyNote('no values')] : [withoutValue(series.points)]),
  ];
  return {
    margin: { left: 52, top: 10 },
    x: {
      domain: domainOf(
        extent(
          series.points.map(({ cycles }) => cycles),
          fit?.cycles ?? [],
        ),
        0.05,
      ),
      label: 'cycles',
      ticks: 6,
    },
    y: { domain: domainOf(range, 0.03, 0.15), label, ticks: 5 },
    marks,
  };
}
