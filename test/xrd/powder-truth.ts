/** Powder patterns of known truth for the refinement tests: forward model, grain statistics and Poisson noise. */
import type { Pattern } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { lorentzPolarisation } from '../../src/xrd/pattern/lorentz-polarisation.js';
import { PatternModel } from '../../src/xrd/pattern/pattern-model.js';
import type { PhaseLines } from '../../src/xrd/pattern/phase-lines.js';
import { refinablePhase } from '../../src/xrd/pattern/refinable-phase.js';
import type { RefineOptions } from '../../src/xrd/refine/refine-options.js';

export const LAMBDA_A = 1.2398;

export const setup: Pick<RefineOptions, 'wavelengths' | 'lorentzPolarisation'> = {
  wavelengths: [{ lambda_A: LAMBDA_A, weight: 1 }],
  lorentzPolarisation: { integration: 'mean-per-pixel' },
};

/** A built-in phase over 5 to 50 degrees; Li3YCl6 with x on 6h. */
export const testPhase = (name: string): PhaseLines =>
  refinablePhase(builtInPhase(name), {
    wavelength_A: LAMBDA_A,
    twoThetaMin_deg: 5,
    twoThetaMax_deg: 50,
    substitutions: name === 'Li3YCl6' ? [{ name: 'x', substitution: { kind: 'in-on-6h' } }] : [],
  });

export const testGrid = (count = 1700, start = 11, step = 0.02): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => start + i * step);

export interface Truth {
  phases: PhaseLines[];
  /** Parameter values by name; `<phase>.peak` gives the height of the phase's strongest line instead of its scale. */
  values: Record<string, number>;
  background?: number;
  /** Relative scatter of line intensities. */
  grain?: number;
  /** No noise: the expectation itself. */
  noiseless?: boolean;
  grid?: Float64Array;
  /** Counts are multiplied by this after the noise: rates instead of counts. */
  rate?: number;
}

/** A pattern drawn from the truth. */
export function drawPattern(seed: number, truth: Truth): Pattern {
  const random = new Random(seed);
  const grid = truth.grid ?? testGrid();
  const model = new PatternModel(grid, truth.phases, {
    ...setup,
    lorentzPolarisation: (angle) => lorentzPolarisation(angle, { integration: 'mean-per-pixel' }),
    backgroundTerms: 1,
    textureAxes: Object.fromEntries(
      truth.phases
        .filter(({ system }) => system === 'hexagonal')
        .map(({ name }) => [name, [0, 0, 1] as const]),
    ),
    deviatingLines: truth.phases.map(({ hkl }) => hkl.map((_, i) => i)),
  });
  const p = model.parameters.start.slice();
  const set = (name: string, value: number): void => {
    const index = model.indexOf(name);
    if (index < 0) throw new Error(`no parameter ${name}`);
    p[index] = value;
  };
  for (const [name, value] of Object.entries({ W: 20, U: 30, X: 6 })) set(name, value);
  truth.phases.forEach(({ name }) => {
    set(`${name}.scale`, 0);
  });
  for (const [name, value] of Object.entries(truth.values)) if (!name.endsWith('.peak')) set(name, value);
  for (const [name, value] of Object.entries(truth.values)) {
    if (!name.endsWith('.peak')) continue;
    const phase = name.slice(0, -'.peak'.length);
    const k = truth.phases.findIndex((candidate) => candidate.name === phase);
    const unit = p.slice();
    unit[model.indexOf(`${phase}.scale`)] = 1;
    const curve = new Float64Array(grid.length);
    model.phaseCurve(unit, k, curve);
    set(`${phase}.scale`, value / Math.max(...curve));
  }
  if (truth.grain)
    model.parameters.names.forEach((name, j) => {
      if (name.includes('.line.')) p[j] = Math.exp(truth.grain! * random.normal()) - 1;
    });
  const curve = new Float64Array(grid.length);
  model.evaluate(p, curve, null);
  const level = truth.background ?? 100;
  const intensity = curve.map((value, i) => {
    const expected = value + level * (1 + 0.5 * Math.exp(-(grid[i]! - grid[0]!) / 10));
    return (truth.noiseless ? expected : random.poisson(expected)) * (truth.rate ?? 1);
  });
  return { label: `seed ${seed}`, twoTheta_deg: grid, intensity, sigma: null };
}
