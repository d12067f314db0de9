import * as v from 'valibot';
import { mapKind, readMap } from '../formats/maps/map-file.js';
import { rowStretches } from '../formats/maps/spectrum-blocks.js';
import type { SpectrumMap } from '../measurement.js';
import { quantile } from '../numeric/robust.js';
import { defineStage, type StageContext } from '../pipeline/stage.js';
import { elementImages, newPixelFits, placeFits } from '../xrf/spectrum/pixel-fits.js';
import type { SpectrumFitOptions, SpectrumPlan } from '../xrf/spectrum/spectrum-plan.js';
import type { XrfFit } from './map-items.js';
import { need } from './products.js';
import { noteTo } from './read-maps.js';
import { addTo, fitting, pixelPlan, planning, summing } from './spectrum-rows.js';

export const fitXrfSpectraStage = defineStage({
  name: 'fit-xrf-spectra',
  version: 3,
  summary:
    'Reads maps with a full spectrum per pixel in blocks of rows, and fits the lines of each element to every pixel.',
  needs: { entry: need('map-files', 'each') },
  gives: 'xrf-fits',
  split: true,
  params: v.strictObject({
    lowest_eV: v.optional(v.pipe(v.number(), v.minValue(100)), 1000),
    scatter_angle_deg: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(180)), 90),
    escape: v.optional(v.boolean(), true),
    pile_up: v.optional(v.boolean(), true),
    background_pieces: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 4),
    refine_axis: v.optional(v.boolean(), true),
  }),
  async run({ entry }, params, context) {
    if ((await mapKind(entry)) !== 'spectrum-map') return [];
    const read = await readMap(entry, noteTo(context, entry));
    if (read.kind !== 'spectrum-map') return [];
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
    return [{ key: context.key, value: await fitSpectra(read.map, options, context) }];
  },
});

type Surroundings = Pick<StageContext, 'warn' | 'share' | 'progress'>;
type Teller = Pick<StageContext, 'warn'>;

/**
 * Elements of a map of spectra: its rows are summed, everything that pixels share is found from the sum, and its rows are
 * fitted. Rows are read in stretches by whichever thread is free, and never held: beyond a few blocks of spectra, memory
 * grows by the element images only.
 */
export async function fitSpectra(
  map: SpectrumMap,
  options: Partial<SpectrumFitOptions>,
  { warn, share, progress }: Surroundings,
): Promise<XrfFit> {
  const o = withIncident(options, map);
  const stretches = rowStretches(map);
  let done = 0;
  const step = (): void => progress(++done / (2 * stretches.length));
  const sum = new Float64Array(map.channels);
  const totals = new Float64Array(map.detectors.length);
  const summed = share(
    summing,
    stretches.map((rows) => ({ map, rows })),
  );
  for (const part of await Promise.all(summed.map((one) => one.finally(step)))) {
    addTo(sum, part.sum);
    addTo(totals, part.totals);
  }
  const head = { ...map, totals };
  const [plan] = await Promise.all(share(planning, [{ sum, calibration: map.calibration, options: o }]));
  if (plan === undefined) throw new Error('a plan was asked for and none given');
  if ('impossible' in plan) return unfitted(head, plan.impossible, sum, o, { warn });
  const { nx, ny } = map.grid;
  const fits = newPixelFits(plan, ny * nx);
  const variance = map.deadTimeFactors && new Float64Array(ny * nx);
  const given = stretches.map((rows) => ({ map, rows, plan: pixelPlan(plan) }));
  const placed = share(fitting, given).map(async (one, i) => {
    const part = await one;
    const at = stretches[i]![0] * nx;
    placeFits(fits, part.fits, at);
    if (part.variance) variance?.set(part.variance, at);
    step();
  });
  await Promise.all(placed);
  const fit = elementImages(plan, fits, { variance, i0: map.i0 ?? null });
  return finish(head, plan, fit, { variance, o, teller: { warn } });
}

/** What the experiment states of the incident energy goes before what the file does. */
const withIncident = (
  options: Partial<SpectrumFitOptions>,
  { incidentEnergy_eV }: Pick<SpectrumMap, 'incidentEnergy_eV'>,
): Partial<SpectrumFitOptions> => ({
  ...options,
  incident_eV: options.incident_eV ?? incidentEnergy_eV ?? null,
});

type Head = Pick<SpectrumMap, 'name' | 'grid' | 'calibration' | 'detectors' | 'i0'> & {
  totals: Float64Array;
};

const detectorsOf = ({ detectors, totals }: Head): XrfFit['detectors'] =>
  detectors.map((name, d) => ({ name, counts: totals[d]! }));

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
