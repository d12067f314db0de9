import * as v from 'valibot';
import { readLineScan } from '../formats/patterns/line-scan.js';
import { defineStage } from '../pipeline/stage.js';
import { need } from './products.js';

export const readLineScanStage = defineStage({
  name: 'read-line-scan',
  version: 1,
  summary: 'Reads the patterns and positions of a diffraction line scan.',
  needs: { entry: need('diffraction-files', 'each') },
  gives: 'line-scans',
  params: v.strictObject({}),
  run: ({ entry }, _params, context) => readLineScan(entry, context),
});
