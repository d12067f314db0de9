/** The whole diffraction path in memory: frames checked, phases prepared, every pattern refined, the scan coupled. */
import { answerScan, type ScanAnswer } from '../../src/interphase/scan-answer.js';
import { lineClass } from '../../src/interphase/scan-observations.js';
import type { LineScan } from '../../src/measurement.js';
import { builtInPhase } from '../../src/xrd/built-in-phases.js';
import { checkFrames } from '../../src/xrd/check-frame.js';
import { buildScanModels, type ScanModels, scanPhases } from '../../src/xrd/scan-start.js';
import { refineScanPattern, type ScanPatternFit } from '../../src/xrd/sequential.js';

const BACKGROUND_TERMS = 12;

export interface AnalysedScan {
  answer: ScanAnswer;
  fits: ScanPatternFit[];
  models: ScanModels;
  seconds: { prepare: number; refine: number; couple: number };
}

export function analyseScan(scan: LineScan, seed = 1): AnalysedScan {
  const t0 = performance.now();
  const checks = checkFrames(scan);
  const structures = scan.phases.map(({ name }) => builtInPhase(name));
  const phases = scanPhases(scan, structures, { kind: 'in-on-6h' });
  const electrolyte = phases.find((p) => p.doped)!;
  const { table } = electrolyte;
  const free = Array.from({ length: table.count }, (_, i) => i).filter(
    (i) => lineClass(table.hkl[3 * i], table.hkl[3 * i + 1], table.hkl[3 * i + 2]) === 'C',
  );
  const models = buildScanModels(scan, checks, phases, { [electrolyte.name]: free }, BACKGROUND_TERMS);
  const t1 = performance.now();
  const fits = scan.patterns.map((pattern, index) =>
    refineScanPattern({ index, position_um: scan.positions_um[index], pattern }, models, checks[index]),
  );
  const t2 = performance.now();
  const answer = answerScan(
    { beam_um: scan.beam_um, rows: scan.rows, dopant: 'In', models, fits },
    { minDeltaBic: 0, samples: 4000, seed },
  );
  const t3 = performance.now();
  return {
    answer,
    fits,
    models,
    seconds: { prepare: (t1 - t0) / 1000, refine: (t2 - t1) / 1000, couple: (t3 - t2) / 1000 },
  };
}
