import * as v from 'valibot';
import type { EnergyStack } from '../measurement.js';
import { defineStage } from '../pipeline/stage.js';
import { stackDrift } from '../xrf/image/registration.js';
import { analyseStack } from '../xrf/stack/stack-analysis.js';
import { meanMisfit, stackFractions } from '../xrf/stack/stack-fractions.js';
import {
  axisOffset,
  fitAxis,
  meanSpectrum,
  type ReferenceSpectrum,
  referenceAt,
} from '../xrf/stack/stack-references.js';
import { need } from './products.js';

export const fitStackStage = defineStage({
  name: 'fit-stack',
  version: 5,
  summary:
    'Fractions of reference species in every pixel of an energy stack, their mean, limits and patches.',
  needs: {
    stack: need('energy-stacks', 'each'),
    entry: need('map-files', 'same'),
    references: need('normalized', 'all'),
  },
  gives: 'stack-fits',
  split: true,
  heavy: true,
  params: v.strictObject({
    baseline: v.optional(v.picklist(['none', 'constant', 'linear']), 'constant'),
    non_negative: v.optional(v.boolean(), false),
    sum_to_one: v.optional(v.boolean(), false),
    /** Find an offset between the energy axes of stack and references where the fit is poor without one. */
    align_energy: v.optional(v.boolean(), true),
    /** Find and take out a drift of the sample between the images. */
    register: v.optional(v.boolean(), true),
    /** How well the stack's energy axis is known beforehand to agree with that of the references. */
    axis_sigma_eV: v.optional(v.pipe(v.number(), v.minValue(0)), 0.3),
    minimum_step: v.optional(v.pipe(v.number(), v.minValue(0)), 5),
    false_alarm: v.optional(v.pipe(v.number(), v.minValue(1e-6), v.maxValue(0.5)), 0.01),
  }),
  run({ stack, entry, references }, params, context) {
    const labels = entry?.references ?? [];
    const missing = labels.filter((label) => !references.some((r) => r.value.entry.label === label));
    if (labels.length === 0 || missing.length > 0) {
      const why =
        labels.length === 0 ? 'names no references' : `has no normalised reference ${missing.join(', ')}`;
      context.error(`energy stack ${stack.name} ${why}: no fractions can be given`, stack.name);
      return [];
    }
    // The same label may stand at several edges (LYC at Cl K and at Y K): the one of the stack's edge is meant.
    const spectra = labels.map((label) => {
      const named = references.filter((r) => r.value.entry.label === label).map((r) => r.value.spectrum);
      return named.find((s) => s.edge === stack.edge && s.element === stack.element) ?? named[0]!;
    });
    const wrong = spectra.find((s) => s.edge !== stack.edge || s.element !== stack.element);
    if (wrong) {
      context.error(
        `reference ${wrong.label} is of the ${wrong.element} ${wrong.edge} edge, the stack of the ${stack.element} ${stack.edge} edge`,
        stack.name,
      );
      return [];
    }
    try {
      const drift = params.register ? stackDrift(stack) : null;
      const real = drift?.wholePixels ? driftIsReal(stack, drift.wholePixels, spectra) : false;
      const steady = real && drift?.corrected ? drift.corrected : stack;
      const offset = params.align_energy
        ? axisOffset(meanSpectrum(steady), stack.energies_eV, spectra)
        : null;
      const mean = meanSpectrum(steady);
      const coarse = stack.energies_eV.map((e) => e + (offset?.shift_eV ?? 0));
      // Two axes that were off by electronvolts are not known to agree any better than the spectra say.
      const axis = fitAxis(mean, coarse, spectra, offset ? Infinity : params.axis_sigma_eV);
      const moved = { ...steady, energies_eV: coarse.map((e) => e + axis.shift_eV) };
      const at = spectra.map((s) => referenceAt(s, moved.energies_eV));
      const value = analyseStack(moved, at, {
        baseline: params.baseline,
        nonNegative: params.non_negative,
        sumToOne: params.sum_to_one,
        minimumStep: params.minimum_step,
        falseAlarm: params.false_alarm,
        axisError: axis.fractionError,
      });
      if (value.fractions.measured === 0) {
        context.error(
          'no pixel has an edge step that stands out of its noise: no fractions can be given',
          stack.name,
        );
        return [];
      }
      if (real && drift) {
        const told = `The images had drifted by up to ${drift.largest.toFixed(1)} pixels and were moved back.`;
        context.warn(told, stack.name);
        value.statements.push(told);
      }
      if (offset) {
        const told = `the energies of the stack were moved by ${offset.shift_eV.toFixed(2)} eV onto the axis of the references (misfit of the mean spectrum ${(100 * offset.before).toPrecision(2)} % of the edge step before, ${(100 * offset.after).toPrecision(2)} % after)`;
        context.warn(told, stack.name);
        value.statements.push(`${told[0]!.toUpperCase()}${told.slice(1)}.`);
      }
      if (Math.abs(axis.shift_eV) > 2 * axis.sigma_eV)
        value.statements.push(
          `The mean spectrum puts the energies of the stack ${axis.shift_eV.toFixed(2)} ± ${axis.sigma_eV.toFixed(2)} eV off${offset ? ' what is left' : ''}: that was added to them.`,
        );
      if (value.unexpected.statement) context.warn(value.unexpected.statement, stack.name);
      return [{ key: context.key, value }];
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      context.error(`${thrown.message}: no fractions can be given`, stack.name);
      return [];
    }
  },
});

/** A drift is real when moving the images back makes the fit to the references better by 3 % or more. */
function driftIsReal(stack: EnergyStack, moved: EnergyStack, spectra: readonly ReferenceSpectrum[]): boolean {
  const offset = axisOffset(meanSpectrum(stack), stack.energies_eV, spectra)?.shift_eV ?? 0;
  const at = spectra.map((s) =>
    referenceAt(
      s,
      stack.energies_eV.map((e) => e + offset),
    ),
  );
  return meanMisfit(stackFractions(moved, at)) < 0.97 * meanMisfit(stackFractions(stack, at));
}
