/** The whole diffraction path in memory, with its times. */
import { analyseScan as analyse } from '../../src/interphase/answer/analyse-scan.js';
import { answerScan, type ScanAnswer } from '../../src/interphase/answer/scan-answer.js';
import { SAMPLES } from '../../src/interphase/coupled/coupled-scan.js';
import type { LineScan } from '../../src/measurement.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import type { ScanModels } from '../../src/xrd/refine/scan-start.js';
import type { ScanPatternFit } from '../../src/xrd/refine/sequential.js';

export interface AnalysedScan {
  answer: ScanAnswer;
  fits: ScanPatternFit[];
  models: ScanModels;
  seconds: { refine: number; couple: number };
}

export function analyseScan(scan: LineScan, seed = 1): AnalysedScan {
  const t0 = performance.now();
  const { fits, models, input } = analyse(
    scan,
    scan.phases.map(({ name }) => builtInPhase(name)),
  );
  const t1 = performance.now();
  const answer = answerScan(input, { minDeltaBic: 0, samples: SAMPLES, seed });
  const t2 = performance.now();
  return { answer, fits, models, seconds: { refine: (t1 - t0) / 1000, couple: (t2 - t1) / 1000 } };
}
