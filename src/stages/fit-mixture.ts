import * as v from 'valibot';
import { defineStage, type Keyed } from '../pipeline/stage.js';
import { REPEATABILITY } from '../xas/edge/energy-drift.js';
import { fitMixture } from '../xas/mixture/mixture.js';
import type { Curve } from '../xas/mixture/mixture-options.js';
import { need } from './products.js';
import type { NormalizedItem } from './spectrum-items.js';

export const fitMixtureStage = defineStage({
  name: 'fit-mixture',
  version: 2,
  summary: 'Describes each sample as a linear combination of the references of its edge.',
  needs: { item: need('normalized', 'each'), all: need('normalized', 'all') },
  gives: 'mixture-fits',
  split: true,
  params: v.strictObject({
    /** Range relative to e0. */
    from_eV: v.optional(v.number(), -20),
    to_eV: v.optional(v.number(), 30),
    space: v.optional(v.picklist(['norm', 'flat']), 'norm'),
    sum_to_one: v.optional(v.boolean(), true),
    non_negative: v.optional(v.boolean(), true),
    /** Drift of the energy axis from scan to scan to allow for; by default what the calibration leaves open. */
    energy_drift_eV: v.optional(v.pipe(v.number(), v.minValue(0))),
    /** Labels of the standards; by default the references of the edge (and its calibrants, if those are fewer than two). */
    standards: v.optional(v.array(v.string()), []),
  }),
  run: ({ item, all }, params, context) => {
    const { entry, spectrum } = item;
    if (entry.role !== 'sample') return [];
    const standards = standardsFor(item, all, params.standards);
    if (standards.length < 2) return [];
    const e0 = spectrum.e0_eV.value;
    const range_eV: [number, number] = [e0 + params.from_eV, e0 + params.to_eV];
    const fit = fitMixture(
      curveOf(item, params.space),
      standards.map((s) => curveOf(s, params.space)),
      {
        from_eV: range_eV[0],
        to_eV: range_eV[1],
        nonNegative: params.non_negative,
        sumToOne: params.sum_to_one,
        drift_eV: params.energy_drift_eV ?? driftOf(item),
        scales: [item, ...standards].map(({ scale }) => scale),
      },
    );
    return [{ key: context.key, value: { entry, fit, range_eV } }];
  },
});

/** How far the axis of this spectrum may lie from that of its standards. */
const driftOf = ({ axisSigma_eV, spectrum }: NormalizedItem): number =>
  Math.max(axisSigma_eV ?? REPEATABILITY * spectrum.e0_eV.value, 0.001);

function standardsFor(item: NormalizedItem, all: Keyed<NormalizedItem>[], named: string[]): NormalizedItem[] {
  const sameEdge = all
    .map(({ value }) => value)
    .filter(
      ({ entry }) =>
        entry.element === item.entry.element && entry.edge === item.entry.edge && entry.role !== 'sample',
    );
  if (named.length) {
    return all
      .map(({ value }) => value)
      .filter(
        ({ entry }) =>
          named.includes(entry.label) &&
          entry.label !== item.entry.label &&
          entry.edge === item.entry.edge &&
          entry.element === item.entry.element,
      );
  }
  const references = sameEdge.filter(({ entry }) => entry.role === 'reference');
  return references.length >= 2 ? references : sameEdge;
}

const curveOf = ({ spectrum }: NormalizedItem, space: 'norm' | 'flat'): Curve => ({
  label: spectrum.label,
  energy_eV: spectrum.energy_eV,
  values: spectrum[space],
  sigma: spectrum.sigma,
});
