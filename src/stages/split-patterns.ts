import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { need } from './products.js';

export const splitPatternsStage = defineStage({
  name: 'split-patterns',
  version: 1,
  summary: 'Takes a line scan apart into its patterns, each with its index and position.',
  needs: { scan: need('line-scans', 'each') },
  gives: 'patterns',
  split: true,
  params: v.strictObject({}),
  run: ({ scan }, _params, { key }) =>
    scan.patterns.map((pattern, index) => ({
      key: `${key}/${String(index).padStart(4, '0')}`,
      value: { index, position_um: scan.positions_um[index]!, pattern },
    })),
});
