import { seededRandom } from '../image/random.js';
import { backward } from './banded.js';
import type { LayerData, LayerState } from './layer-data.js';
import { groupsOf, type LayerTerms, layerTerms } from './layer-terms.js';
import { type LineNormals, lineNormals } from './line-normals.js';
import { eachPrecision, findPrior, type LinePrior, priorFrom, rangeOf, rmsOf } from './line-prior.js';
import { type Newton, newtonStep, trend, type Unknowns } from './newton.js';
import { type Posterior, posteriorOf } from './posterior.js';

/** A layered model fitted to a map: boundary lines, levels and blur together, with their joint Gaussian posterior. */
export interface SurfaceFit extends LayerState, Posterior {
  priors: LinePrior[];
  /** Dispersion per group of pixels (`groupsOf`) and element, phi[group * E + e]. */
  phi: Float64Array;
  converged: boolean;
}

export interface SurfaceOptions {
  /** Blur (standard deviation, units across) if known, with its uncertainty. */
  blur: { value: number; sigma: number };
  /** Most rounds; fewer where roughness and dispersion settle. */
  outerIterations: number;
  /** Dispersion to hold (for comparing models on one footing). */
  phi: Float64Array | null;
  /** Whether the start may be off by pixels: a blurred model leads the lines near first. */
  coarseStart?: boolean;
}

/** Blurs of a coarse start: seen sharply, few counts hold a line at every border between pixels. */
const coarseBlurs = [1.5, 0.7];

/** What one round of scoring holds fixed. */
interface Round {
  data: LayerData;
  priors: LinePrior[];
  phi: Float64Array;
  normals: LineNormals;
  blur: SurfaceOptions['blur'];
  /** Standard uncertainty of each line, over which the terms are averaged; null where the lines are sharp. */
  spread: Float64Array | null;
}

/**
 * Maximum a posteriori fit by Fisher scoring. The boundaries have random-line priors whose roughness and range are set
 * by the marginal likelihood (empirical Bayes); levels and blur are free. The border of the band matrix holds trend,
 * levels and blur, so that their uncertainty reaches the boundaries. Dispersion, priors and the lines' local tilt are
 * found anew in every round and held within it.
 */
export function fitSurfaces(data: LayerData, start: LayerState, options: SurfaceOptions): SurfaceFit {
  const m = start.levels.length - 1;
  const { along } = data.frame;
  let x = split(start, along, m);
  const round: Round = {
    data,
    priors: Array.from({ length: m }, () => priorFrom(1, 12)),
    phi: options.phi ?? new Float64Array(groupsOf(m + 1) * data.counts.length).fill(1),
    normals: lineNormals(start.boundaries, m, data.frame),
    blur: options.blur,
    spread: null,
  };
  let { terms, converged } = { terms: termsOf(x, round, null), converged: false };
  for (let outer = 0; outer < options.outerIterations; outer++) {
    if (outer === 0 && options.coarseStart) ({ x, terms, converged } = firstClimb(x, round));
    else ({ x, terms, converged } = climb(x, terms, round, outer === 0 ? 12 : 5));
    if (outer === options.outerIterations - 1) break;
    const before = { priors: round.priors, phi: round.phi };
    const sharp = termsOf(x, round, null);
    if (!options.phi)
      round.phi = dispersion(sharp, round.phi, outer === 0 ? (m + 1) * data.counts.length : round.phi.length);
    round.normals = lineNormals(join(x, along, m).boundaries, m, data.frame);
    terms = termsOf(x, round, null);
    round.priors = round.priors.map((p, b) => linePriorOf(terms, x, b, m, along, outer === 0 ? null : p));
    if (!options.phi && outer > 0) {
      round.spread = lineSpread(newtonStep(x, terms, round.priors, round.blur), m);
      if (round.spread) terms = termsOf(x, round, round.spread);
    }
    if (converged && outer > 1 && settled(before, round)) break;
  }
  const final = newtonStep(x, terms, round.priors, round.blur);
  const state = join(x, along, m);
  return {
    ...state,
    ...posteriorOf(data, x, state, terms, final, round.priors),
    priors: round.priors,
    phi: round.phi,
    converged,
  };
}

/** The better of two climbs: from the start itself (thin layers vanish under a wide blur), and led by a blurred model. */
function firstClimb(x: Unknowns, round: Round): ReturnType<typeof climb> {
  let led = x;
  for (const value of coarseBlurs)
    led = climb({ ...led, sigma: value }, null, { ...round, blur: { value, sigma: 0.01 } }, 8).x;
  const [plain, coarse] = [x, { ...led, sigma: x.sigma }].map((from) => climb(from, null, round, 12));
  return objective(coarse.x, coarse.terms, round) > objective(plain.x, plain.terms, round) ? coarse : plain;
}

/** Steps uphill, at most so many, until no line moves. */
function climb(
  x: Unknowns,
  terms: LayerTerms | null,
  round: Round,
  steps: number,
): { x: Unknowns; terms: LayerTerms; converged: boolean } {
  let at = { x, terms: terms ?? termsOf(x, round, null) };
  for (let step = 0; step < steps; step++) {
    const next = advance(at.x, at.terms, newtonStep(at.x, at.terms, round.priors, round.blur), round);
    at = next;
    if (next.change < 1e-3) return { ...at, converged: true };
  }
  return { ...at, converged: false };
}

const termsOf = (
  x: Unknowns,
  { data, phi, normals, priors }: Round,
  spread: Float64Array | null,
): LayerTerms => layerTerms(data, join(x, data.frame.along, priors.length), phi, normals, spread);

function split(state: LayerState, along: number, m: number): Unknowns {
  const alpha = new Float64Array(m);
  const u = Float64Array.from(state.boundaries);
  for (let b = 0; b < m; b++) {
    for (let j = 0; j < along; j++) alpha[b] += state.boundaries[j * m + b] / along;
    for (let j = 0; j < along; j++) u[j * m + b] -= alpha[b];
  }
  return {
    u,
    alpha,
    beta: new Float64Array(m),
    levels: state.levels.map((l) => l.slice()),
    sigma: state.sigma,
  };
}

function join(x: Unknowns, along: number, m: number): LayerState {
  const boundaries = Float64Array.from(
    x.u,
    (u, i) => u + x.alpha[i % m] + x.beta[i % m] * trend(Math.floor(i / m), along),
  );
  return { levels: x.levels, boundaries, sigma: x.sigma };
}

function objective(x: Unknowns, terms: LayerTerms, { priors, data, blur }: Round): number {
  const m = priors.length;
  let quadratic = ((x.sigma - blur.value) / blur.sigma) ** 2;
  priors.forEach((prior, b) => {
    eachPrecision(prior, data.frame.along, (i, k, value) => {
      quadratic += (i === k ? 1 : 2) * value * x.u[i * m + b] * x.u[k * m + b];
    });
  });
  return terms.logLikelihood - 0.5 * quadratic;
}

/** Takes the step, shortened so that no line moves by more than 1.5 units, and halved until the objective rises. */
function advance(
  x: Unknowns,
  terms: LayerTerms,
  n: Newton,
  round: Round,
): { x: Unknowns; terms: LayerTerms; change: number } {
  const m = round.priors.length;
  const { along } = round.data.frame;
  const elements = round.data.counts.length;
  const before = objective(x, terms, round);
  let largest = 0;
  for (let j = 0; j < along; j++) {
    for (let b = 0; b < m; b++) {
      const d = n.stepU[j * m + b] + n.stepT[b] + n.stepT[m + b] * trend(j, along);
      if (Math.abs(d) > largest) largest = Math.abs(d);
    }
  }
  let scale = Math.min(1, 1.5 / (largest + 1e-12));
  for (let halving = 0; halving < 8; halving++, scale /= 2) {
    const next: Unknowns = {
      u: x.u.map((v, i) => v + scale * n.stepU[i]),
      alpha: x.alpha.map((v, b) => v + scale * n.stepT[b]),
      beta: x.beta.map((v, b) => v + scale * n.stepT[m + b]),
      levels: x.levels.map((l, k) =>
        l.map((v, e) => Math.max(v + scale * n.stepT[2 * m + k * elements + e], v / 4, 0.01)),
      ),
      sigma: Math.min(
        Math.max(x.sigma + scale * n.stepT[n.stepT.length - 1], x.sigma / 2, 0.05),
        2 * x.sigma + 0.1,
      ),
    };
    const nextTerms = termsOf(next, round, round.spread);
    if (objective(next, nextTerms, round) >= before - 1e-9 * Math.abs(before))
      return { x: next, terms: nextTerms, change: largest * scale };
  }
  return { x, terms, change: 0 };
}

/**
 * Median standard uncertainty of each line, at most one unit (a line in a row that was not measured is known no better than
 * that, though nothing there holds it); null where all are below a twentieth of a unit and averaging would change nothing.
 */
function lineSpread(newton: Newton, m: number): Float64Array | null {
  const draws = 16;
  const random = seededRandom(7);
  const points = newton.stepU.length / m;
  const square = new Float64Array(newton.stepU.length);
  for (let k = 0; k < draws; k++) {
    const u = backward(
      newton.factor,
      square.map(() => random.normal()),
    );
    u.forEach((v, i) => {
      square[i] += (v * v) / draws;
    });
  }
  const spread = Float64Array.from({ length: m }, (_, b) =>
    Math.min(
      1,
      Math.sqrt(Float64Array.from({ length: points }, (_, j) => square[j * m + b]).sort()[points >> 1]),
    ),
  );
  return spread.some((v) => v > 0.05) ? spread : null;
}

/** Whether roughness, range and dispersion have changed by less than would be seen in the lines. */
function settled(before: Pick<Round, 'priors' | 'phi'>, now: Round): boolean {
  const close = (a: number, b: number, share: number): boolean => Math.abs(a - b) <= share * Math.abs(b);
  return (
    now.priors.every((p, b) => {
      const old = before.priors[b];
      return close(rmsOf(old), rmsOf(p), 0.08) && close(rangeOf(old), rangeOf(p), 0.15);
    }) && now.phi.every((v, i) => close(before.phi[i], v, 0.05))
  );
}

/** Pearson dispersion, not below 1, of the first values: that of the edges waits until the lines are near them. */
function dispersion(terms: LayerTerms, previous: Float64Array, first: number): Float64Array {
  return previous.map((p, i) =>
    i < first && terms.values[i] > 30 ? Math.max(1, terms.chi2[i] / terms.values[i]) : p,
  );
}

/**
 * The prior of one line from its own pseudo-observations: position plus score over information. Pixels between two points
 * inform both; their information is gathered at the points (row sums).
 */
function linePriorOf(
  terms: LayerTerms,
  x: Unknowns,
  b: number,
  m: number,
  along: number,
  start: LinePrior | null,
): LinePrior {
  const y = new Float64Array(along);
  const w = new Float64Array(along);
  for (let j = 0; j < along; j++) {
    const row = j * m + b;
    const shared = terms.toNext[row * m + b] + (j > 0 ? terms.toNext[(row - m) * m + b] : 0);
    w[j] = terms.information[row * m + b] + shared;
    const position = x.u[row] + x.alpha[b] + x.beta[b] * trend(j, along);
    const pull = w[j] > 1e-9 ? terms.gradient[row] / w[j] : 0;
    // An edge that is far off its pseudo-observation is not linear there: keep it near.
    y[j] = position + Math.max(-2, Math.min(2, pull));
    if (w[j] <= 1e-9) w[j] = 0;
  }
  return findPrior(y, w, start);
}
