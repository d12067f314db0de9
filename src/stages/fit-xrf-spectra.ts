import * as v from 'valibot';
import type { LargeSpectrumMap, SpectrumMap } from '../measurement.js';
import { quantile } from '../numeric/robust.js';
import { defineStage, type StageContext } from '../pipeline/stage.js';
import {
  elementImages,
  fitBlock,
  fitSpectrumMap,
  newPixelFits,
  planSpectra,
  type SpectrumFitOptions,
  type SpectrumPlan,
  sumSpectrum,
} from '../xrf/spectrum/fit-spectrum-map.js';
import type { XrfFit } from './map-items.js';
import { need } from './products.js';

export const fitXrfSpectraStage = defineStage({
  name: 'fit-xrf-spectra',
  version: 2,
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
  const o = withIncident(options, map);
  const sum = map.deadTime?.recorded ?? sumSpectrum(map.counts, map.channels);
  const plan = planSpectra(sum, map.calibration, o);
  if ('impossible' in plan) return unfitted(map, plan.impossible, sum, o, teller);
  const fit = fitSpectrumMap(map, plan);
  return finish(map, plan, fit, { variance: map.deadTime?.variance ?? null, o, teller });
}

/** Elements of a map that does not fit in memory: two passes over its blocks of rows. */
export async function fitLargeSpectra(
  map: LargeSpectrumMap,
  options: Partial<SpectrumFitOptions>,
  teller: Teller,
): Promise<XrfFit> {
  const { eachSpectrumBlock } = await import('../formats/maps/spectrum-blocks.js');
  const o = withIncident(options, map);
  const sum = new Float64Array(map.channels);
  const totals = map.detectors.map(() => 0);
  await eachSpectrumBlock(map, (block) => {
    block.recorded.forEach((counts, k) => {
      sum[k] += counts;
    });
    block.totals.forEach((counts, d) => {
      totals[d] += counts;
    });
  });
  const summed = {
    ...map,
    detectors: map.detectors.map(({ name }, d) => ({ name, totalCounts: totals[d] })),
  };
  const plan = planSpectra(sum, map.calibration, o);
  if ('impossible' in plan) return unfitted(summed, plan.impossible, sum, o, teller);
  const pixels = map.grid.ny * map.grid.nx;
  const fits = newPixelFits(plan, pixels);
  const variance = map.deadTimeFactors && new Float64Array(pixels).fill(1);
  await eachSpectrumBlock(map, (block) => {
    const at = block.firstRow * map.grid.nx;
    fitBlock(plan, block.counts, map.channels, fits, at);
    if (block.variance) variance?.set(block.variance, at);
  });
  const fit = elementImages(plan, fits, { variance, i0: map.i0 ?? null });
  return finish(summed, plan, fit, { variance, o, teller });
}

/** What the experiment states of the incident energy goes before what the file does. */
const withIncident = (
  options: Partial<SpectrumFitOptions>,
  { incidentEnergy_eV }: Pick<SpectrumMap, 'incidentEnergy_eV'>,
): Partial<SpectrumFitOptions> => ({
  ...options,
  incident_eV: options.incident_eV ?? incidentEnergy_eV ?? null,
});

type Head = Pick<SpectrumMap, 'name' | 'grid' | 'calibration' | 'detectors' | 'i0'>;

const detectorsOf = ({ detectors }: Head): XrfFit['detectors'] =>
  detectors.map(({ name, totalCounts }) => ({ name, counts: totalCounts }));

function unfitted(
  map: Head,
  why: string,
  sum: Float64Array,
  o: Partial<SpectrumFitOptions>,
  teller: Teller,
): XrfFit {
  teller.warn(`no elements were fitted: ${why}`, map.name);
  const axis = map.calibration ?? { offset_eV: 0, gain_eV: 1 };
  const energy_eV = Float64Array.from(sum, (_, k) => axis.offset_eV + axis.gain_eV * k);
  const highest = sum.reduce((best, y, k) => (y > sum[best] ? k : best), 0);
  const statements = [`No elements were fitted: ${why}.`, `The highest channel of the sum is ${highest}.`];
  if (!map.calibration)
    statements.push('Without a calibration the energies of the sum spectrum are channel numbers.');
  return {
    map: { name: map.name, grid: map.grid, incidentEnergy_eV: o.incident_eV ?? null, images: [] },
    detectors: detectorsOf(map),
    elements: [],
    sumSpectrum: { energy_eV, counts: sum, fitted: null, lines: [] },
    statements,
  };
}

function finish(
  map: Head,
  plan: SpectrumPlan,
  { images, unmeasured }: ReturnType<typeof elementImages>,
  { variance, o, teller }: { variance: Float64Array | null; o: Partial<SpectrumFitOptions>; teller: Teller },
): XrfFit {
  for (const { element, reason } of plan.refused)
    teller.warn(`${element} is not fitted: ${reason}`, map.name);
  if (plan.identified)
    teller.warn(
      'the elements were guessed from the peaks of the sum spectrum; name them under elements: for numbers',
      map.name,
    );
  if (unmeasured > 0)
    teller.warn(`${unmeasured} pixels hold no count in any channel and count as not measured`, map.name);
  return {
    map: { name: map.name, grid: map.grid, incidentEnergy_eV: o.incident_eV ?? null, images },
    detectors: detectorsOf(map),
    elements: plan.areas.map(({ group, counts, sigma }) => ({
      element: group.name,
      line: group.main.name,
      energy_eV: group.main.energy_eV,
      counts: { value: counts, sigma },
    })),
    sumSpectrum: sumOf(plan),
    statements: [...statementsOf(plan), ...correctionsOf(map, variance)],
  };
}

function correctionsOf({ i0 }: Head, variance: Float64Array | null): string[] {
  const range = variance && [quantile(variance, 0.01), quantile(variance, 0.99)].map((v) => v.toFixed(3));
  return [
    ...(range
      ? [
          `The images are corrected for dead time, detector by detector (by ${range[0]} to ${range[1]}); the total counts are as recorded.`,
        ]
      : []),
    ...(i0 ? ['The images are divided by the beam intensity over its median.'] : []),
  ];
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
