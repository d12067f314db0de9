/** The whole way of a diffraction line scan in one call: frames checked, phases prepared, patterns refined, scan coupled. */
import type { LineScan } from '../../measurement.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { checkFrames, type FrameCheck } from '../../xrd/frames/check-frame.js';
import { buildScanModels, type ScanModels, scanPhases } from '../../xrd/refine/scan-start.js';
import { refineScanPattern, type ScanPatternFit } from '../../xrd/refine/sequential.js';
import { coupleScan } from '../coupled/couple-scan.js';
import type { CoupledScan } from '../coupled/coupled-scan.js';
import { type ObservedScan, observeScan, type ScanToCouple } from '../lines/observe-scan.js';
import { orderLines } from '../lines/order-lines.js';

export interface AnalysedScan {
  checks: FrameCheck[];
  models: ScanModels;
  fits: ScanPatternFit[];
  input: ScanToCouple;
}

const BACKGROUND_TERMS = 12;

/**
 * Refines all patterns of a scan as the pipeline does, one after the other. `structures` run parallel to `scan.phases`.
 * Throws InputError for a scan that holds no angles or a dopant that its phase cannot take.
 */
export function analyseScan(scan: LineScan, structures: PhaseStructure[]): AnalysedScan {
  const checks = checkFrames(scan);
  const dopant = scan.dopant ? { dopant: { element: scan.dopant.element, charge: 3 } } : {};
  const phases = scanPhases(scan, structures, { kind: 'in-on-6h', ...dopant });
  const models = buildScanModels(scan, checks, phases, orderLines(phases), BACKGROUND_TERMS);
  const fits = scan.patterns.map((pattern, index) =>
    refineScanPattern({ index, position_um: scan.positions_um[index], pattern }, models, checks[index]),
  );
  const named = scan.dopant?.element ?? null;
  return {
    checks,
    models,
    fits,
    input: { beam_um: scan.beam_um, rows: scan.rows, dopant: named, models, fits },
  };
}

/** The coupled model of an analysed scan, for those who need more than its answer; null without an electrolyte. */
export function coupleAnalysed(
  { input }: AnalysedScan,
  seed = 1,
): { observed: ObservedScan; coupled: CoupledScan } | null {
  const observed = observeScan(input);
  if (!observed) return null;
  return { observed, coupled: coupleScan(observed.observations, { prior: observed.prior, seed }) };
}
