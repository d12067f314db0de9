import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { checkFrames } from '../xrd/frames/check-frame.js';
import { need } from './products.js';

export const checkFramesStage = defineStage({
  name: 'check-frames',
  version: 3,
  summary:
    'Finds dead, saturated, spiked, dropped, cut, doubled and shifted frames, and masks what can be spared.',
  needs: { scan: need('line-scans', 'each') },
  gives: 'frame-checks',
  split: true,
  params: v.strictObject({}),
  run({ scan }, _params, context) {
    const checks = checkFrames(scan);
    checks.forEach(({ status, reason }, i) => {
      const label = scan.patterns[i]!.label;
      if (status === 'excluded') context.warn(`pattern ${i} is left out: ${reason}`, label);
      if (status === 'repaired') context.warn(`pattern ${i} is repaired: ${reason}`, label);
    });
    return checks.map((value, index) => ({ key: `${context.key}/${String(index).padStart(4, '0')}`, value }));
  },
});
