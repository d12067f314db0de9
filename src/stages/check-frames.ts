import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { checkFrames } from '../xrd/frames/check-frame.js';
import { need } from './products.js';
import { patternsOf } from './scan-patterns.js';

export const checkFramesStage = defineStage({
  name: 'check-frames',
  version: 4,
  summary:
    'Finds dead, saturated, spiked, dropped, cut, doubled and shifted frames, and masks what can be spared.',
  needs: { scan: need('line-scans', 'each'), patterns: need('patterns', 'stream') },
  gives: 'frame-checks',
  split: true,
  params: v.strictObject({}),
  run({ scan, patterns }, _params, context) {
    const checks = checkFrames({ rows: scan.rows, patterns: patternsOf(patterns) });
    checks.forEach(({ status, reason }, i) => {
      if (status === 'ok') return;
      const label = patterns.at(i)?.value.pattern.label;
      if (status === 'excluded') context.warn(`pattern ${i} is left out: ${reason}`, label);
      if (status === 'repaired') context.warn(`pattern ${i} is repaired: ${reason}`, label);
    });
    return checks.map((value, index) => ({ key: `${context.key}/${String(index).padStart(4, '0')}`, value }));
  },
});
