import * as v from 'valibot';
import { answerScan } from '../interphase/answer/scan-answer.js';
import { SAMPLES } from '../interphase/coupled/coupled-scan.js';
import { defineStage } from '../pipeline/stage.js';
import { valuesOf } from '../pipeline/stored.js';
import { need } from './products.js';

export const coupleLineScan = defineStage({
  name: 'couple-line-scan',
  version: 11,
  summary:
    'Fits all patterns of a scan together: layer or none, its boundaries and thickness, x, and what made it.',
  needs: {
    scan: need('line-scans', 'each'),
    models: need('phase-models', 'parent'),
    fits: need('pattern-fits', 'stream'),
  },
  gives: 'scan-answers',
  heavy: true,
  params: v.strictObject({
    /** How much better (BIC) a layer must be than none. */
    minDeltaBic: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
    samples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(500), v.maxValue(200000)), SAMPLES),
    seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  }),
  run({ scan, models, fits }, params, context) {
    const answer = answerScan(
      {
        beam_um: scan.beam_um,
        rows: scan.rows,
        dopant: models.phases.some((p) => p.doped) ? (scan.dopant?.element ?? null) : null,
        models,
        fits: valuesOf(fits),
      },
      params,
    );
    for (const warning of answer.warnings) context.warn(warning, scan.name);
    return answer;
  },
});
