import * as v from 'valibot';
import { fitLayers } from '../interphase/edges/boundaries.js';
import { defineStage, type Keyed } from '../pipeline/stage.js';
import type { BoundaryResult, SpectrumSeriesResult } from '../result.js';
import { type SeriesObservable, type SpectrumSeries, seriesOf } from '../xas/series.js';
import { need } from './products.js';

export const spectrumSeriesStage = defineStage({
  name: 'spectrum-series',
  version: 1,
  summary: 'Turns spectra measured along a line into profiles, with the boundaries that these show.',
  needs: { spectra: need('spectrum-results', 'all') },
  gives: 'spectrum-profiles',
  split: true,
  params: v.strictObject({
    beam_um: v.optional(v.pipe(v.number(), v.minValue(0)), 5),
  }),
  run: ({ spectra }, { beam_um }) => {
    const results = spectra.map(({ value }) => value.result);
    const edges = [...new Set(results.map(({ edge }) => edge))];
    return edges.flatMap((edge): Keyed<SpectrumSeriesResult>[] => {
      const series = seriesOf(results, edge);
      return series ? [{ key: edge, value: withBoundaries(series, beam_um) }] : [];
    });
  },
});

/** Peak areas and weights share the boundaries; energies follow them and are shown beside. */
function withBoundaries(series: SpectrumSeries, beam_um: number): SpectrumSeriesResult {
  const { edge, labels, distance_um, observables } = series;
  const statements: string[] = [];
  const fit = fitLayers(
    observables
      .filter(({ unit, name }) => unit !== 'eV' || name.startsWith('area'))
      .map((o) => curveOf(o, distance_um)),
    { beam_um },
  );
  const boundaries: BoundaryResult[] = (fit?.boundaries ?? []).map((boundary, k) => ({
    name: `layer ${k + 1}|layer ${k + 2}`,
    ...boundary,
  }));
  if (!fit)
    statements.push(`${labels.length} ${edge} spectra are too few for boundaries; profiles are given.`);
  else if (boundaries.length === 0)
    statements.push(`The ${edge} spectra do not change along the line beyond their errors.`);
  else
    statements.push(
      `The ${edge} spectra change at ${boundaries.map((b) => `${b.position_um.toFixed(0)} ± ${b.sigma_um.toFixed(0)} um`).join(' and ')} along the line; between ${labels.length} points a boundary is known no better than their spacing.`,
    );
  return { edge, labels, distance_um: [...distance_um], observables, boundaries, statements };
}

const curveOf = ({ name, values }: SeriesObservable, position_um: Float64Array) => ({
  name,
  position_um,
  value: Float64Array.from(values, (value) => value?.value ?? Number.NaN),
  sigma: Float64Array.from(values, (value) => (value && value.sigma > 0 ? value.sigma : Number.NaN)),
});
