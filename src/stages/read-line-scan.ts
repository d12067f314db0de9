import * as v from 'valibot';
import { streamLineScan } from '../formats/patterns/line-scan.js';
import { defineStage } from '../pipeline/stage.js';
import { need } from './products.js';

export const readLineScanStage = defineStage({
  name: 'read-line-scan',
  version: 3,
  summary: 'Reads the patterns of a diffraction line scan, each with its index and position.',
  needs: { entry: need('diffraction-files', 'each') },
  gives: 'patterns',
  split: true,
  params: v.strictObject({}),
  async *run({ entry }, _params, context) {
    let index = 0;
    for await (const placed of streamLineScan(entry, context)) {
      yield { key: `${context.key}/${String(index).padStart(4, '0')}`, value: { index, ...placed } };
      index++;
    }
  },
});
