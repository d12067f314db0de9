import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { type SpectrumPlan, fitSpectrumMap, planSpectra, sumSpectrum } from '../xrf/fit-spectrum-map.js';
import type { XrfFit } from './map-items.js';
import { need } from './products.js';

export const fitXrfSpectraStage = defineStage({
  name: 'fit-xrf-spectra',
  version: 1,
  summary: 'Fits the fluorescence lines of each element to the spectrum of every pixel.',
  needs: { map: need('spectrum-maps', 'each'), entry: need('map-files', 'same') },
  gives: 'xrf-fits',
  heavy: true,
  params: v.strictObject({
    lowest_eV: v.optional(v.pipe(v.number(), v.minValue(100)), 1000),
    scatter_angle_deg: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(180)), 90),
    escape: v.optional(v.boolean(), true),
    pile_up: v.optional(v.boolean(), true),
    background_pieces: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 4),
    refine_axis: v.optional(v.boolean(), true),
  }),
  run({ map, entry }, params, context): XrfFit {
    const sum = sumSpectrum(map.counts, map.channels);
    const detectors = map.detectors.map(({ name, totalCounts }) => ({ name, counts: totalCounts }));
    const plan = planSpectra(sum, map.calibration, {
      elements: entry?.elements ?? null,
      incident_eV: entry?.incidentEnergy_eV ?? null,
      lowest_eV: params.lowest_eV,
      scatterAngle_deg: params.scatter_angle_deg,
      escape: params.escape,
      pileUp: params.pile_up,
      backgroundPieces: params.background_pieces,
      refine: params.refine_axis,
    });
    const empty = {
      name: map.name,
      grid: map.grid,
      incidentEnergy_eV: entry?.incidentEnergy_eV ?? null,
      images: [],
    };
    if ('impossible' in plan) {
      context.warn(`no elements were fitted: ${plan.impossible}`, map.name);
      const axis = map.calibration ?? { offset_eV: 0, gain_eV: 1 };
      const energy_eV = Float64Array.from(sum, (_, k) => axis.offset_eV + axis.gain_eV * k);
      return {
        map: empty,
        detectors,
        elements: [],
        sumSpectrum: { energy_eV, counts: sum, fitted: null, lines: [] },
        statements: [`No elements were fitted: ${plan.impossible}.`],
      };
    }
    for (const { element, reason } of plan.refused)
      context.warn(`${element} is not fitted: ${reason}`, map.name);
    if (plan.identified)
      context.warn(
        'the elements were guessed from the peaks of the sum spectrum; name them under elements: for numbers',
        map.name,
      );
    return {
      map: { ...empty, images: fitSpectrumMap(map, plan) },
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
  },
});

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
