import { rectY } from '@observablehq/plot';
import type { MapArrays, ResultBundle } from '../../result.js';
import { verticalBand } from '../drawing/bars.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent, quantile } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark } from '../drawing/sheet.js';
import { GREY, INK, SINGLE_COLUMN, SKY, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { resultOfMap } from './parts/map-panel.js';

/** How thick the interphase is along its course. */
export const thicknessDistribution = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps.filter(
    ({ thickness_um }) => thickness_um !== null && extent(thickness_um) !== null,
  );
  return maps.map((map) =>
    figure(
      figureId('thickness', map.name, maps.length > 1),
      `Thickness of the interphase on ${map.name}`,
      'Local thickness along the layer, measured across it. Lines: mean with its 95 % interval, median, and the 5th and ' +
        '95th percentiles.',
      () => draw(map, bundle),
    ),
  );
};

function draw(map: MapArrays, bundle: ResultBundle): Drawing {
  const values = [...map.thickness_um!].filter(Number.isFinite);
  const told = resultOfMap(bundle, map)?.aei_thickness_um;
  const bins = histogram(values);
  const marks: Mark[] = [
    rectY(bins, { x1: 'from', x2: 'to', y: 'count', fill: SKY, insetLeft: 0.3, insetRight: 0.3 }),
  ];
  if (values.length === 0) marks.push(emptyNote('no values'));
  const [p5, p50, p95] = [
    told?.p5 ?? quantile(values, 0.05),
    told?.median ?? quantile(values, 0.5),
    told?.p95 ?? quantile(values, 0.95),
  ];
  for (const edge of [p5, p95]) marks.push(verticalBand(edge, null, { colour: GREY, dash: '1.5 2' }));
  marks.push(verticalBand(p50, null, { colour: INK, dash: '4 2' }));
  if (told) marks.push(verticalBand(told.mean, told.interval95 ?? null, { colour: VERMILLION }));
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return {
    width: SINGLE_COLUMN,
    height: 226,
    panels: [
      {
        left: 0,
        top: 18,
        width: SINGLE_COLUMN,
        height: 208,
        x: {
          domain: domainOf(extent(values, told?.interval95 ?? []), 0.05),
          label: 'local thickness (µm)',
          ticks: 6,
        },
        y: { domain: [0, 1.08 * most], label: 'places along the layer', ticks: 5 },
        marks,
      },
    ],
    extras: legendRow(
      [
        ...(told ? [{ label: 'mean with 95 % interval', colour: VERMILLION }] : []),
        { label: 'median', colour: INK, kind: 'dash' as const },
        { label: '5th, 95th percentile', colour: GREY, kind: 'dots' as const },
      ],
      8,
      13,
    ),
  };
}

/** Bins after Freedman and Diaconis (Z. Wahrscheinlichkeitstheorie 57, 1981, 453), 5 to 40 of them. */
function histogram(values: number[]): { from: number; to: number; count: number }[] {
  const range = extent(values);
  if (range === null) return [];
  const [low, high] = range[1] > range[0] ? range : [range[0] - 0.5, range[0] + 0.5];
  const width = (2 * (quantile(values, 0.75) - quantile(values, 0.25))) / Math.cbrt(values.length);
  const n = Math.min(40, Math.max(5, width > 0 ? Math.ceil((high - low) / width) : 5));
  const bins = Array.from({ length: n }, (_, i) => ({
    from: low + ((high - low) * i) / n,
    to: low + ((high - low) * (i + 1)) / n,
    count: 0,
  }));
  for (const value of values) bins[Math.min(n - 1, Math.floor(((value - low) / (high - low)) * n))]!.count++;
  return bins;
}
