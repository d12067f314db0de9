import * as v from 'valibot';
import { scanSettings } from '../formats/patterns/line-scan.js';
import { defineStage } from '../pipeline/stage.js';
import { need } from './products.js';

export const describeLineScanStage = defineStage({
  name: 'describe-line-scan',
  version: 1,
  summary: 'Gathers what the patterns of a line scan share: positions, wavelength, beam, phases and dopant.',
  needs: { entry: need('diffraction-files', 'each'), patterns: need('patterns', 'stream') },
  gives: 'line-scans',
  split: true,
  params: v.strictObject({}),
  run({ entry, patterns }, _params, { key }) {
    if (patterns.length === 0) return []; // why they could not be read was told
    const positions_um = new Float64Array(patterns.length);
    const rows = new Int32Array(patterns.length);
    let at = 0;
    for (const { value } of patterns) {
      positions_um[at] = value.position_um;
      rows[at++] = value.row;
    }
    return [{ key, value: scanSettings(entry, positions_um, rows) }];
  },
});
