import { curve, points } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent, short } from '../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, LIGHT, seriesColour } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';

type Curves = { name: string; values: Float64Array }[];

export interface PrincipalPicture {
  energy_eV: Float64Array;
  singularValues: Float64Array;
  indicator: Float64Array;
  count: number;
  components: Curves;
}

/** Singular values and Malinowski's indicator; the abstract spectra that carry signal and the first that does not. */
export const principalFigure = (picture: PrincipalPicture): Figure =>
  figure(
    'principal-components',
    'Principal components',
    'a: singular values (points, left axis: logarithmic) of the series. b: Malinowski’s indicator, smallest at the number of ' +
      'components that carry signal. c: abstract spectra; grey: the first that is taken for noise.',
    () => drawPrincipal(picture),
  );

function drawPrincipal({
  energy_eV,
  singularValues,
  indicator,
  count,
  components,
}: PrincipalPicture): Drawing {
  const order = (values: Float64Array): Float64Array => values.map((_, i) => i + 1);
  const small = { width: 150, height: 190, margin: { left: 48 } };
  const x = {
    domain: [0.5, singularValues.length + 0.5] as [number, number],
    label: 'component',
    tickFormat: 'd',
    ticks: wholes(singularValues.length),
  };
  const logs = singularValues.map((value) => Math.log10(Math.max(value, 1e-12)));
  const logIndicator = indicator.map((value) => Math.log10(Math.max(value, 1e-300)));
  const panels: Panel[] = [
    {
      ...small,
      left: 0,
      top: 16,
      letter: 'a',
      x,
      y: { domain: domainOf(extent(logs), 0.08), label: 'log₁₀ singular value', ticks: 5 },
      marks: [points(order(logs), logs, { stroke: INK, radius: 2.2, fill: INK })],
    },
    {
      ...small,
      left: 150,
      top: 16,
      letter: 'b',
      x: { ...x, domain: [0.5, indicator.length + 0.5], ticks: wholes(indicator.length) },
      y: { domain: domainOf(extent(logIndicator), 0.08), label: 'log₁₀ IND', ticks: 5 },
      marks: [
        curve([count, count], [-400, 400], { stroke: LIGHT, width: 1 }),
        points(order(logIndicator), logIndicator, { stroke: INK, radius: 2.2, fill: INK }),
      ],
    },
    curvePanel(energy_eV, components, {
      left: 300,
      letter: 'c',
      label: 'abstract spectra',
      colourOf: (k) => (k < count ? seriesColour(k) : GREY),
    }),
  ];
  return {
    height: 206,
    panels,
    extras: legend(components, (k) => (k < count ? seriesColour(k) : GREY), 344),
  };
}

export interface ResolvedPicture {
  energy_eV: Float64Array;
  spectra: Curves;
  labels: string[];
  /** One array a component, one value a spectrum. */
  weights: Float64Array[];
}

/** Pure spectra that a series was resolved into, and how much of each is in every spectrum. */
export const resolvedFigure = (picture: ResolvedPicture): Figure =>
  figure(
    'resolved-spectra',
    'Resolved series',
    'a: spectra of the components that alternating least squares found. b: their weights along the series.',
    () => drawResolved(picture),
  );

function drawResolved({ energy_eV, spectra, labels, weights }: ResolvedPicture): Drawing {
  const order = Float64Array.from(labels, (_, k) => k);
  const marks: Mark[] = weights.flatMap((values, j) => [
    curve(order, values, { stroke: seriesColour(j), width: 1 }),
    points(order, values, { stroke: seriesColour(j), radius: 2.2, fill: seriesColour(j) }),
  ]);
  const every = Math.ceil(labels.length / 9);
  return {
    height: 226,
    panels: [
      curvePanel(energy_eV, spectra, {
        left: 0,
        letter: 'a',
        label: 'normalised absorption',
        colourOf: seriesColour,
      }),
      {
        left: DOUBLE_COLUMN / 2,
        top: 16,
        width: DOUBLE_COLUMN / 2,
        height: 190,
        letter: 'b',
        margin: { left: 44 },
        x: {
          domain: [-0.5, labels.length - 0.5],
          label: 'spectrum',
          ticks: labels.map((_, k) => k).filter((k) => k % every === 0),
          tickFormat: ((k: number) => short(labels[k] ?? '', 8)) as never,
        },
        y: { domain: [-0.04, 1.06], label: 'weight', ticks: 6 },
        marks,
      },
    ],
    extras: legend(spectra, seriesColour, 46),
  };
}

const wholes = (count: number): number[] => {
  const every = Math.ceil(count / 8);
  return Array.from({ length: count }, (_, k) => k + 1).filter((k) => (k - 1) % every === 0);
};

function curvePanel(
  x: Float64Array,
  curves: Curves,
  {
    left,
    letter,
    label,
    colourOf,
  }: { left: number; letter: string; label: string; colourOf: (k: number) => string },
): Panel {
  return {
    left,
    top: 16,
    width: letter === 'a' ? DOUBLE_COLUMN / 2 : DOUBLE_COLUMN - left,
    height: 190,
    letter,
    margin: { left: 44 },
    x: { domain: domainOf(extent(x), 0), label: 'energy (eV)', ticks: 4, tickFormat: 'd' },
    y: { domain: domainOf(extent(...curves.map(({ values }) => values)), 0.05), label, ticks: 5 },
    marks: curves.map(({ values }, k) => curve(x, values, { stroke: colourOf(k), width: 1.1 })),
  };
}

const legend = (curves: Curves, colourOf: (k: number) => string, left: number) =>
  legendRow(
    curves.slice(0, 6).map(({ name }, k) => ({ label: short(name, 14), colour: colourOf(k) })),
    left,
    12,
  );
