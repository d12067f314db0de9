import type { Experiment } from '../experiment.js';
import type { Cache } from '../pipeline/cache.js';
import type { PipelineOutcome } from '../pipeline/run-pipeline.js';
import type { Problem, ResultBundle } from '../result.js';
import type { Products } from '../stages/products.js';

/** Gathers what the last stages gave into the one bundle that is written, drawn and reported. */
export async function assembleBundle(
  { sample, cycles }: Pick<Experiment, 'sample' | 'cycles'>,
  outcome: PipelineOutcome,
  cache: Cache,
): Promise<ResultBundle> {
  const gather = async <P extends keyof Products>(product: P): Promise<Products[P][]> =>
    Promise.all(outcome.items(product).map(async (ref) => (await cache.load(ref)) as Products[P]));
  const lineScans = await gather('line-scan-results');
  const spectra = await gather('spectrum-results');
  const series = await gather('spectrum-profiles');
  const maps = await gather('map-results');
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
    lineScans: lineScans.map(({ curves }) => curves),
    spectra: spectra.map(({ curves }) => curves),
    maps: maps.map(({ arrays }) => arrays),
  };
}

/** Several stages may meet the same fault of one input: it is told once, by the first. */
function withoutRepeats(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const name = JSON.stringify([problem.severity, problem.input, problem.message]);
    return !seen.has(name) && seen.add(name);
  });
}
