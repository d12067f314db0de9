import { expect, it } from 'vitest';
import { leastSquares } from '../../src/fit/least-squares.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { nistModels, readNist } from './nist-problems.js';

/** What double precision, or a hopeless start, does not allow; each with its reason. */
const exceptions: Record<string, { parameters?: number; deviations?: number; lost?: true; reason: string }> =
  {
    'Lanczos1 1': {
      deviations: 2.5,
      reason: 'residuals of 1e-13 on values of 1: their sum has no four digits in doubles',
    },
    'Lanczos1 2': { deviations: 2.5, reason: 'the same' },
    'MGH17 1': {
      lost: true,
      reason: 'both exponentials have died before the second point: no slope leads back',
    },
  };
/** The valley of MGH10 from its first start is long: more iterations than the default. */
const iterations: Record<string, number> = { 'MGH10 1': 2000 };

const digits = (found: number[], certified: number[]): number =>
  Math.min(...found.map((value, i) => -Math.log10(Math.abs(value / certified[i]! - 1) + 1e-15)));

describeReal('the 27 NIST StRD problems from both starts', () => {
  for (const [name, model] of Object.entries(nistModels)) {
    for (const which of [0, 1] as const) {
      const key = `${name} ${which + 1}`;
      const exception = exceptions[key];
      it(exception ? `${key} (${exception.reason})` : key, () => {
        const problem = readNist(`${sharedData}nist-strd/${name}.dat`);
        const fit = leastSquares({
          parameters: problem.starts[which].map((value, i) => ({ name: `b${i + 1}`, value })),
          y: problem.y,
          model: (b, out) => {
            for (let i = 0; i < out.length; i++) out[i] = model(b, problem.x[i]!);
          },
          maxIterations: iterations[key] ?? 200,
        });
        if (exception?.lost) {
          // It must say so: no uncertainty is claimed for what was not found.
          expect(fit.parameters.some((p) => Number.isNaN(p.sigma)) || !fit.converged).toBe(true);
          return;
        }
        expect(fit.converged).toBe(true);
        const values = fit.parameters.map((p) => p.value);
        const sigmas = fit.parameters.map((p) => p.sigma);
        expect(digits(values, problem.certified)).toBeGreaterThan(exception?.parameters ?? 6);
        expect(digits(sigmas, problem.deviations)).toBeGreaterThan(exception?.deviations ?? 4);
      });
    }
  }
});
