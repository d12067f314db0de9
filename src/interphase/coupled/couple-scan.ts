/**
 * From the observations of a scan to the answer: is there a layer, what made it, how much of it, and where does it
 * begin and end. Pure: arrays in, numbers out. Method: docs/line-scan.md.
 */

import { counted } from '../../words.js';
import {
  type LineResponse,
  type PatternObservation,
  type ScanObservations,
  selectLines,
} from '../lines/scan-observations.js';
import { absoluteEvidence, variantWeights } from '../lines/variants.js';
import { withLayer } from './answer-with-layer.js';
import { undecided, withoutLayer, withoutLines } from './answer-without-layer.js';
import { responsesOf } from './coupled-model.js';
import { type CoupledScan, type CoupleOptions, INDISTINCT_DELTA_BIC } from './coupled-scan.js';
import { findLayer } from './find-layer.js';

const ELECTROLYTE_SIGMAS = 4;
/** Variants less likely than this are not followed up. */
const MIN_VARIANT_WEIGHT = 1e-4;
/** Weakest line that is compared, as part of the strongest. */
const MIN_PRISTINE_PART = 0.02;
export function coupleScan(full: ScanObservations, options: CoupleOptions): CoupledScan {
  const linePatterns = full.patterns.filter(
    (p) => p.electrolyte.value > ELECTROLYTE_SIGMAS * p.electrolyte.sigma && p.electrolyte.value > 0,
  );
  const usable = usableLines(full, linePatterns, options.prior);
  const scan = selectLines({ ...full, patterns: linePatterns }, usable);
  if (linePatterns.length < 4 || usable.length < 3 || scan.responses.length === 0) {
    const reason =
      linePatterns.length < 4
        ? `the electrolyte is seen in ${counted(linePatterns.length, 'pattern')} only: too few to compare a layer with it`
        : usable.length < 3
          ? 'fewer than three lines of the electrolyte were measured: no line ratios to compare'
          : 'no hypothesis applies to this electrolyte and dopant';
    return withoutLines(full, reason, options);
  }
  const variants = variantWeights(full, linePatterns, options.prior);
  const plausible = new Set(variants.filter((v) => v.weight > MIN_VARIANT_WEIGHT).map((v) => v.name));
  const best = [...variants].sort((a, b) => b.weight - a.weight)[0];
  const responses = responsesOf(scan.responses, best.name);
  const prior = priorOf(
    scan.responses,
    responses[0],
    Float64Array.from(usable, (j) => options.prior[j]),
  );
  const found = findLayer(scan, full.patterns, prior, responses, linePatterns.length * usable.length);
  if (found.deltaBic < (options.minDeltaBic ?? 0)) {
    const altered = absoluteEvidence(full, linePatterns, options.prior);
    return withoutLayer(found, responses, altered, variants, options);
  }
  if (found.deltaBic < (options.minDeltaBic ?? 0) + INDISTINCT_DELTA_BIC)
    return undecided(found, variants, options);
  const considered = scan.responses.filter((r) => plausible.has(r.variant));
  return withLayer(found, { ...scan, responses: considered }, variants, options);
}

/**
 * Lines that speak of composition and were measured in most patterns of the electrolyte. Lines that are next to nothing
 * in the pristine electrolyte are left out: a ratio to them has no sane error.
 */
function usableLines(scan: ScanObservations, patterns: PatternObservation[], prior: Float64Array): number[] {
  const J = scan.lines.length;
  const weakest = Math.log(MIN_PRISTINE_PART) + prior.reduce((a, b) => Math.max(a, b), -Infinity);
  return scan.lines
    .map((_, j) => j)
    .filter((j) => scan.lines[j].class !== 'C' && prior[j] > weakest)
    .filter((j) => {
      const measured = patterns.filter((p) => Number.isFinite(p.intensity[j]) && p.covariance[j * J + j] > 0);
      return measured.length >= 0.6 * patterns.length && patterns.length > 0;
    });
}

/** Expected ln intensities in the chosen variant, from those in the first one. */
const priorOf = (all: LineResponse[], chosen: LineResponse, first: Float64Array): Float64Array =>
  first.map((p, j) => p + Math.log(chosen.segments[0].i0[j] / all[0].segments[0].i0[j]));
