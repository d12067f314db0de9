import * as v from 'valibot';
import type { ElementImage, LargeSpectrumMap, SpectrumMap } from '../measurement.js';
import { defineStage, type StageContext } from '../pipeline/stage.js';
import {
  fitBlock,
  fitSpectrumMap,
  planSpectra,
  type SpectrumFitOptions,
  type SpectrumPlan,
  sumSpectrum,
} from '../xrf/spectrum/fit-spectrum-map.js';
import type { XrfFit } from './map-items.js';
import { need } from './products.js';

export const fitXrfSpectraStage = defineStage({
  name: 'fit-xrf-spectra',
  version: 1,
  summary: 'Fits the fluorescence lines of each element to the spectrum of every pixel.',
  needs: {
    entry: need('map-files', 'each'),
    map: need('spectrum-maps', 'same'),
    large: need('large-spectrum-maps', 'same'),
  },
  gives: 'xrf-fits',
  split: true,
  heavy: true,
  params: v.strictObject({
    lowest_eV: v.optional(v.pipe(v.number(), v.minValue(100)), 1000),
    scatter_angle_deg: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(180)), 90),
    escape: v.optional(v.boolean(), true),
    pile_up: v.optional(v.boolean(), true),
    background_pieces: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 4),
    refine_axis: v.optional(v.boolean(), true),
  }),
  async run({ entry, map, large }, params, context) {
    const options: Partial<SpectrumFitOptions> = {
      elements: entry.elements,
      incident_eV: entry.incidentEnergy_eV,
      lowest_eV: params.lowest_eV,
      scatterAngle_deg: params.scatter_angle_deg,
      escape: params.escape,
      pileUp: params.pile_up,
      backgroundPieces: params.background_pieces,
      refine: params.refine_axis,
    };
    const value = map
      ? fitSpectra(map, options, context)
      : large
        ? await fitLargeSpectra(large, options, context)
        : null;
    return value ? [{ key: context.key, value }] : [];
  },
});

type Teller = Pick<StageContext, 'warn'>;

/** Elements of a map in memory. */
export function fitSpectra(map: SpectrumMap, options: Partial<SpectrumFitOptions>, teller: Teller): XrfFit {
  const plan = planSpectra(sumSpectrum(map.counts, map.channels), map.calibration, options);
  return finish(
    map,
    plan,
    'impossible' in plan ? [] : fitSpectrumMap(map, plan),
    options,
    teller,
    sumSpectrum(map.counts, map.channels),
  );
}

/** Elements of a map that does not fit in memory: two passes over its blocks of rows. */
export async function fitLargeSpectra(
  map: LargeSpectrumMap,
  options: Partial<SpectrumFitOptions>,
  teller: Teller,
): Promise<XrfFit> {
  const { eachSpectrumBlock } = await import('../formats/maps/spectrum-blocks.js');
  const sum = new Float64Array(map.channels);
  await eachSpectrumBlock(map, ({ counts }) => {
    const part = sumSpectrum(counts, map.channels);
    for (let k = 0; k < sum.length; k++) sum[k] += part[k];
  });
  const plan = planSpectra(sum, map.calibration, options);
  if ('impossible' in plan) return finish(map, plan, [], options, teller, sum);
  const pixels = map.grid.ny * map.grid.nx;
  const values = plan.groups.map(() => new Float64Array(pixels));
  const sigma = plan.groups.map(() => new Float64Array(pixels));
  await eachSpectrumBlock(map, ({ firstRow, counts }) =>
    fitBlock(plan, counts, map.channels, values, sigma, firstRow * map.grid.nx),
  );
  const images = plan.groups.map((g, i) => ({ element: g.name, values: values[i], sigma: sigma[i] }));
  return finish(map, plan, images, options, teller, sum);
}

function finish(
  map: Omit<SpectrumMap, 'counts'>,
  plan: ReturnType<typeof planSpectra>,
  images: ElementImage[],
  options: Partial<SpectrumFitOptions>,
  teller: Teller,
  sum: Float64Array,
): XrfFit {
  const detectors = map.detectors.map(({ name, totalCounts }) => ({ name, counts: totalCounts }));
  const elements = { name: map.name, grid: map.grid, incidentEnergy_eV: options.incident_eV ?? null, images };
  if ('impossible' in plan) {
    teller.warn(`no elements were fitted: ${plan.impossible}`, map.name);
    const axis = map.calibration ?? { offset_eV: 0, gain_eV: 1 };
    const energy_eV = Float64Array.from(sum, (_, k) => axis.offset_eV + axis.gain_eV * k);
    const highest = sum.reduce((best, y, k) => (y > sum[best] ? k : best), 0);
    const statements = [
      `No elements were fitted: ${plan.impossible}.`,
      `The highest channel of the sum is ${highest}.`,
    ];
    if (!map.calibration)
      statements.push('Without a calibration the energies of the sum spectrum are channel numbers.');
    return {
      map: elements,
      detectors,
      elements: [],
      sumSpectrum: { energy_eV, counts: sum, fitted: null, lines: [] },
      statements,
    };
  }
  for (const { element, reason } of plan.refused)
    teller.warn(`${element} is not fitted: ${reason}`, map.name);
  if (plan.identified)
    teller.warn(
      'the elements were guessed from the peaks of the sum spectrum; name them under elements: for numbers',
      map.name,
    );
  return {
    map: elements,
    detectors,
    elements: plan.areas.map(({ group, counts, sigma }) => ({
      element: group.name,
      line: group.main.name,
      energy_eV: group.main.energy_eV,
      counts: { value: counts, sigma },
    })),
    sumSpectrum: sumOf(plan),
    statements: statementsOf(plan),
  };
}

function sumOf(plan: SpectrumPlan): XrfFit['sumSpectrum'] {
  const { offset_eV, gain_eV } = plan.detector;
  const fitted = new Float64Array(plan.sum.length).fill(NaN);
  fitted.set(plan.curve, plan.columns.firstChannel);
  return {
    energy_eV: Float64Array.from(plan.sum, (_, k) => offset_eV + gain_eV * k),
    counts: plan.sum,
    fitted,
    lines: plan.groups.flatMap((g) =>
      g.lines
        .filter((l) => l.share > 0.05)
        .map((l) => ({ label: `${g.element} ${l.name}`, energy_eV: l.energy_eV })),
    ),
  };
}

function statementsOf(plan: SpectrumPlan): string[] {
  const { offset_eV, gain_eV, noise_eV, fano } = plan.detector;
  const peak = plan.sum.reduce((best, y, k) => (y > plan.sum[best] ? k : best), 0);
  return [
    `Energy axis of the detector: ${offset_eV.toFixed(1)} eV + ${gain_eV.toFixed(4)} eV per channel (noise ${noise_eV.toFixed(0)} eV, Fano ${fano.toFixed(3)}); the highest channel of the sum is ${peak}.`,
    ...plan.refused.map(({ element, reason }) => `${element} is not fitted: ${reason}.`),
  ];
}
