import * as v from 'valibot';
import { InputError } from '../errors.js';
import { defineStage } from '../pipeline/stage.js';
import { normalizeSpectrum } from '../xas/normalize/normalize.js';
import { overAbsorption, withoutOverAbsorption } from '../xas/normalize/over-absorption.js';
import { storedChoices } from '../xas/normalize/stored-choices.js';
import { need } from './products.js';

const energy = v.optional(v.number());

export const normalizeSpectraStage = defineStage({
  name: 'normalize-spectra',
  version: 4,
  summary:
    'Scales each spectrum to an edge step of one, by a named profile; ranges are relative to e0, in eV.',
  needs: { item: need('calibrated', 'each') },
  gives: 'normalized',
  params: v.strictObject({
    profile: v.optional(v.picklist(['strict', 'larch-2026', 'athena-0.9.26']), 'strict'),
    pre1_eV: energy,
    pre2_eV: energy,
    norm1_eV: energy,
    norm2_eV: energy,
    degree: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5))),
    victoreen: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4))),
    /** Undoes the over-absorption of a thick sample in fluorescence spectra of one edge. */
    over_absorption: v.optional(
      v.strictObject({
        edge: v.optional(v.string(), 'Cl K'),
        formula: v.string(),
        incidence_deg: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(90)), 45),
        exit_deg: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(90)), 45),
      }),
    ),
  }),
  run: (
    { item: { entry, spectrum, features, axisSigma_eV } },
    { profile, over_absorption, ...choices },
    context,
  ) => {
    if (!features.main)
      throw new InputError(
        `${entry.label}: cannot be normalised: no ${entry.element} ${entry.edge} edge stands out from the noise`,
        null,
        'check the signal with: interphase inspect',
      );
    const stored =
      profile === 'athena-0.9.26' ? storedChoices(spectrum.stored ?? {}, spectrum.shift_eV.value) : {};
    const outcome = normalizeSpectrum(spectrum, features, profile, { ...stored, ...choices });
    for (const warning of outcome.warnings) context.warn(warning, entry.label);
    const thick =
      over_absorption &&
      over_absorption.edge === `${entry.element} ${entry.edge}` &&
      entry.role === 'sample' &&
      spectrum.source !== 'transmission';
    if (thick) {
      const { alpha } = overAbsorption(over_absorption.formula, entry.element, entry.edge, over_absorption);
      outcome.spectrum = withoutOverAbsorption(outcome.spectrum, over_absorption.formula, alpha);
    }
    return { entry, spectrum: outcome.spectrum, features, axisSigma_eV, scale: outcome.scale };
  },
});
