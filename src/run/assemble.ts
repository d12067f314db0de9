import type { Experiment } from '../experiment.js';
import { patternCurves } from '../interphase/answer/line-scan-result.js';
import type { Rows } from '../measurement.js';
import type { Cache } from '../pipeline/cache.js';
import type { PipelineOutcome } from '../pipeline/run-pipeline.js';
import { selectItems } from '../pipeline/select.js';
import { Stored } from '../pipeline/stored.js';
import type { PatternCurves, Problem, ResultBundle } from '../result.js';
import type { Products } from '../stages/products.js';

/** Gathers what the last stages gave into the one bundle that is written, drawn and reported. */
export function assembleBundle(
  { sample, cycles }: Pick<Experiment, 'sample' | 'cycles'>,
  outcome: PipelineOutcome,
  cache: Cache,
): ResultBundle {
  const gather = <P extends keyof Products>(product: P): Products[P][] =>
    outcome.items(product).map((ref) => cache.load(ref) as Products[P]);
  const scans = outcome.items('line-scan-results');
  const lineScans = gather('line-scan-results');
  const spectra = gather('spectrum-results');
  const series = gather('spectrum-profiles');
  const maps = gather('map-results');
  const problems = withoutRepeats(outcome.problems);
  return {
    result: {
      schema: 'interphase-result/1',
      sample,
      ...(cycles === undefined ? {} : { cycles }),
      status: problems.some(({ severity }) => severity === 'error') ? 'partial' : 'ok',
      problems,
      lineScans: lineScans.map(({ result }) => result),
      spectra: spectra.map(({ result }) => result),
      spectrumSeries: series,
      maps: maps.map(({ result }) => result),
      figures: [],
    },
    lineScans: lineScans.map(({ curves }, i) => ({
      ...curves,
      patterns: curvesBelow(scans[i]!.key, outcome, cache),
    })),
    spectra: spectra.map(({ curves }) => curves),
    maps: maps.map(({ arrays }) => arrays),
  };
}

/** Measured and fitted curves of the patterns of a scan, each read when it is drawn or written. */
function curvesBelow(scan: string, outcome: PipelineOutcome, cache: Cache): Rows<PatternCurves> {
  const fits = new Map(outcome.items('pattern-fits').map((ref) => [ref.key, ref]));
  const patterns = selectItems(outcome.items('patterns'), 'children', scan) ?? [];
  return new Stored(
    patterns.map((ref) => ({ ...ref, fit: fits.get(ref.key) })),
    (ref) => {
      const { index, pattern } = cache.read(ref) as Products['patterns'];
      const fit = ref.fit && (cache.read(ref.fit) as Products['pattern-fits']);
      return patternCurves(index, pattern, fit);
    },
  );
}

/** Several stages may meet the same fault of one input: it is told once, by the first. */
function withoutRepeats(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const name = JSON.stringify([problem.severity, problem.input, problem.message]);
    return !seen.has(name) && seen.add(name);
  });
}
