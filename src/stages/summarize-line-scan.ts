import * as v from 'valibot';
import { lineScanCurves, lineScanResult } from '../interphase/answer/line-scan-result.js';
import { defineStage } from '../pipeline/stage.js';
import { valuesOf } from '../pipeline/stored.js';
import { need } from './products.js';
import { patternsOf } from './scan-patterns.js';

export const summarizeLineScan = defineStage({
  name: 'summarize-line-scan',
  version: 3,
  summary:
    'Gathers the result of a line scan: its patterns, layer, boundaries, estimators, hypotheses and curves.',
  needs: {
    settings: need('line-scans', 'each'),
    patterns: need('patterns', 'stream'),
    checks: need('frame-checks', 'stream'),
    models: need('phase-models', 'same'),
    fits: need('pattern-fits', 'stream'),
    answer: need('scan-answers', 'same'),
  },
  gives: 'line-scan-results',
  params: v.strictObject({}),
  run({ settings, patterns, checks, models, fits, answer }) {
    const gathered = {
      scan: { ...settings, patterns: patternsOf(patterns) },
      checks: valuesOf(checks),
      models: models ?? null,
      fits: valuesOf(fits),
      answer: answer ?? null,
    };
    return { result: lineScanResult(gathered), curves: lineScanCurves(gathered) };
  },
});
