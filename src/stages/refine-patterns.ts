import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { refineScanPattern } from '../xrd/refine/sequential.js';
import { need } from './products.js';

export const refinePatterns = defineStage({
  name: 'refine-patterns',
  version: 6,
  summary:
    'Refines each pattern: phases, cells, composition x and the intensities of single lines, with error bars.',
  needs: {
    pattern: need('patterns', 'each'),
    models: need('phase-models', 'parent'),
    check: need('frame-checks', 'same'),
  },
  gives: 'pattern-fits',
  heavy: true,
  params: v.strictObject({}),
  run({ pattern, models, check }, _params, context) {
    if (!check) throw new Error('the frame was not checked');
    const result = refineScanPattern(pattern, models, check);
    const label = pattern.pattern.label;
    if (result.status === 'failed')
      context.error(`pattern ${result.index} could not be refined: ${result.reason}`, label);
    else if (result.fit && !result.fit.converged)
      context.warn(`the refinement of pattern ${result.index} did not converge: ${result.fit.reason}`, label);
    return result;
  },
});
