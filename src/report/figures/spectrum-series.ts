import type { ResultBundle, SpectrumSeriesResult } from '../../result.js';
import { errorBars } from '../drawing/bars.js';
import { curve, points } from '../drawing/curves.js';
import { domainOf, extent, isNumber, quantile, short } from '../drawing/numbers.js';
import type { Drawing, Panel } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, LIGHT } from '../drawing/theme.js';
import { type Figure, figure, slug } from '../figure.js';
import { boundaryVerticals } from './parts/boundaries.js';

const MOST = 6;

/** Observables of spectra along the interface, with the boundaries that they show. */
export const spectrumSeries = (bundle: ResultBundle): Figure[] =>
  (bundle.result.spectrumSeries ?? [])
    .filter(({ observables, distance_um }) => observables.length > 0 && distance_um.length > 1)
    .map((series) =>
      figure(
        `spectrum-series-${slug(series.edge)}`,
        `${series.edge} spectra along the interface`,
        'What the spectra show against the distance along their line, with 95 % bars. Vertical: boundaries with 95 % ' +
          'intervals, where the spectra show any.',
        () => draw(series),
      ),
    );

function draw(series: SpectrumSeriesResult): Drawing {
  const shown = series.observables.slice(0, MOST);
  const span = domainOf(extent(series.distance_um), 0.04);
  let top = 0;
  const panels = shown.map(({ name, unit, values }, i): Panel => {
    const last = i === shown.length - 1;
    const height = 118 + (last ? 32 : 0);
    const y = values.map((m) => (isNumber(m?.value) ? m.value : Number.NaN));
    const half = values.map((m) => (isNumber(m?.sigma) ? 1.96 * m.sigma : 0));
    // One value that is hardly known must not flatten all others.
    const usual = 4 * quantile(half, 0.5);
    const seen = half.map((h) => Math.min(h, usual));
    const range = extent(
      y.map((v, k) => v - seen[k]!),
      y.map((v, k) => v + seen[k]!),
    );
    const panel: Panel = {
      left: 0,
      top,
      width: DOUBLE_COLUMN,
      height,
      margin: { left: 60, top: 20, bottom: last ? 34 : 2 },
      ...(shown.length > 1 ? { letter: 'abcdef'[i]! } : {}),
      heading: short(name, 60),
      x: { domain: span, label: last ? 'distance along the line (µm)' : null },
      y: {
        domain: domainOf(range, 0.08, 0.12),
        label: short(unit.replace(/^1$/, ''), 20),
        ticks: 4,
        ...(range && range[0] > 1000 ? { tickFormat: '~f' } : {}),
      },
      marks: [
        curve(series.distance_um, y, { stroke: LIGHT, width: 0.8 }),
        errorBars(series.distance_um, y, half, BLUE),
        points(series.distance_um, y, { stroke: BLUE, radius: 2 }),
        ...boundaryVerticals(series.boundaries, i === 0),
      ],
    };
    top += height;
    return panel;
  });
  return { height: top + 2, panels };
}
