/** What a refinement starts from: its model, where each parameter stands, which are asked for, and the problem to solve. */
import type { Pattern } from '../../measurement.js';
import { lorentzPolarisation } from '../pattern/lorentz-polarisation.js';
import { PatternModel, type PatternModelOptions } from '../pattern/pattern-model.js';
import { GLOBAL } from '../pattern/pattern-parameters.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import { FWHM_PER_SIGMA } from '../pattern/profile.js';
import type { SolverProblem } from './normal-equations.js';
import { DEFAULT_REFINE, parametersNamed, type RefineOptions } from './refine-options.js';

/** Lines weaker than this part of the phase's strongest get no deviation of their own. */
const DEVIATION_MIN_PART = 0.003;
const DEVIATIONS_PER_PHASE = 90;

/** The model, with deviations for the lines that matter where they are asked for. */
export function buildModel(
  { twoTheta_deg }: Pattern,
  phases: readonly PhaseLines[],
  options: RefineOptions,
  width_deg: number,
): PatternModel {
  const plain = new PatternModel(twoTheta_deg, phases, modelOptions(options, width_deg, []));
  const { lineScatter = 'off', measureLines = {}, freeLines = {} } = options;
  if (lineScatter === 'off' && Object.keys(measureLines).length === 0) return plain;
  const lines = plain.lines(plain.parameters.start);
  const deviating = phases.map(({ name }) => {
    const mine = lines.filter((line) => line.phase === name).sort((a, b) => b.area - a.area);
    const strongest = mine[0]?.area ?? 0;
    const chosen = mine
      .filter(({ area }) => area > DEVIATION_MIN_PART * strongest)
      .slice(0, DEVIATIONS_PER_PHASE);
    const onGrid = new Set(mine.map(({ line }) => line));
    const named = [...(measureLines[name] ?? []), ...(freeLines[name] ?? [])].filter((l) => onGrid.has(l));
    return [...new Set([...chosen.map(({ line }) => line), ...named])];
  });
  return new PatternModel(twoTheta_deg, phases, modelOptions(options, width_deg, deviating));
}

const modelOptions = (
  { wavelengths, lorentzPolarisation: lp, backgroundTerms = 6, textureAxes = {} }: RefineOptions,
  width_deg: number,
  deviatingLines: number[][],
): PatternModelOptions => ({
  wavelengths,
  lorentzPolarisation: (angle) => lorentzPolarisation(angle, lp),
  backgroundTerms,
  textureAxes,
  deviatingLines,
  finestWidth_deg: width_deg / 2,
});

/** Width of the data, shared between Gaussian and Lorentzian parts; a given value wins. */
export function startValues(model: PatternModel, options: RefineOptions, width_deg: number): Float64Array {
  const { refine, values = {} } = options;
  const start = model.parameters.start.slice();
  const gauss_cdeg = (100 * 0.85 * width_deg) / FWHM_PER_SIGMA;
  start[GLOBAL.W] = gauss_cdeg * gauss_cdeg;
  const lorentz_cdeg = 100 * 0.25 * width_deg;
  if (refine?.includes('*.X') && !refine.includes('X'))
    for (const { X } of model.parameters.phases) start[X] = lorentz_cdeg;
  else start[GLOBAL.X] = lorentz_cdeg;
  if (values.W !== undefined || values.U !== undefined) start[GLOBAL.X] = 0;
  if (refine?.includes('SH/L')) start[GLOBAL.asymmetry] = 0.02;
  for (const [name, value] of Object.entries(values))
    for (const j of parametersNamed(model, name)) start[j] = value;
  return start;
}

/** What is asked for, and background and scales. */
export function requestedParameters(model: PatternModel, options: RefineOptions): Set<number> {
  const { background, backgroundTerms, phases } = model.parameters;
  const wanted = new Set<number>();
  for (const name of options.refine ?? DEFAULT_REFINE)
    for (const j of parametersNamed(model, name)) wanted.add(j);
  for (let n = 0; n < backgroundTerms; n++) wanted.add(background + n);
  for (const { scale } of phases) wanted.add(scale);
  return wanted;
}

/** The problem with its priors; `usable` is NaN in channels that are left out. */
export function buildProblem(
  model: PatternModel,
  options: RefineOptions,
  usable: Float64Array,
  weight: Float64Array,
  start: Float64Array,
): SolverProblem {
  const problem: SolverProblem = {
    points: usable.length,
    y: usable.map((y) => (Number.isFinite(y) ? y : 0)),
    weight: weight.slice(),
    start,
    lower: model.parameters.lower,
    upper: model.parameters.upper,
    vary: model.vary,
    priorMean: new Float64Array(start.length),
    priorWeight: new Float64Array(start.length),
    evaluate: (p, curve, columns) => model.evaluate(p, curve, columns),
    supportStart: model.supportStart,
    supportEnd: model.supportEnd,
    maxIterations: 20,
  };
  for (const [name, { value, sigma }] of Object.entries(options.priors ?? {}))
    for (const j of parametersNamed(model, name)) {
      problem.priorMean[j] = value;
      problem.priorWeight[j] = 1 / (sigma * sigma);
    }
  return problem;
}
