import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { analyseStack } from '../xrf/stack-analysis.js';
import { referenceAt } from '../xrf/stack-references.js';
import { need } from './products.js';

export const fitStackStage = defineStage({
  name: 'fit-stack',
  version: 1,
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
    const spectra = labels.map(
      (label) => references.find((r) => r.value.entry.label === label)!.value.spectrum,
    );
    const wrong = spectra.find((s) => s.edge !== stack.edge || s.element !== stack.element);
    if (wrong) {
      context.error(
        `reference ${wrong.label} is of the ${wrong.element} ${wrong.edge} edge, the stack of the ${stack.element} ${stack.edge} edge`,
        stack.name,
      );
      return [];
    }
    try {
      const at = spectra.map((s) => referenceAt(s, stack.energies_eV));
      const value = analyseStack(stack, at, {
        baseline: params.baseline,
        nonNegative: params.non_negative,
        sumToOne: params.sum_to_one,
        minimumStep: params.minimum_step,
        falseAlarm: params.false_alarm,
      });
      if (value.unexpected.statement) context.warn(value.unexpected.statement, stack.name);
      return [{ key: context.key, value }];
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      context.error(`${thrown.message}: no fractions can be given`, stack.name);
      return [];
    }
  },
});
