import type { Random } from '../image/random.js';
import {
  addTo,
  type Banded,
  backward,
  banded,
  cholesky,
  fromDense,
  logDeterminant,
  solve,
} from './banded.js';
import { type LayerData, type LayerState, type LayerTerms, layerTerms } from './layer-data.js';
import { dot, eachPrecision, findPrior, type LinePrior, priorFrom } from './line-prior.js';

/** A layered model fitted to a map: boundary lines, levels and blur together, with their joint Gaussian posterior. */
export interface SurfaceFit extends LayerState {
  priors: LinePrior[];
  /** Dispersion per layer and element, phi[l * E + e]. */
  phi: Float64Array;
  logLikelihood: number;
  /** Laplace approximation of the evidence of the lines, with a BIC term for each level: higher is better. */
  evidence: number;
  sigmaError: number;
  levelErrors: Float64Array[];
  converged: boolean;
  /** One draw of all boundaries from the posterior, [j * M + m]. */
  draw(random: Random): Float64Array;
}

export interface SurfaceOptions {
  /** Blur (standard deviation, pixels) if known, with its uncertainty. */
  blur: { value: number; sigma: number };
  outerIterations: number;
  /** Dispersion to hold (for comparing models on one footing). */
  phi: Float64Array | null;
}

interface Unknowns {
  u: Float64Array;
  alpha: Float64Array;
  beta: Float64Array;
  levels: Float64Array[];
  sigma: number;
}

interface Newton {
  factor: Banded;
  /** A^-1 B, one column per border parameter. */
  solved: Float64Array[];
  schur: Banded;
  stepU: Float64Array;
  stepT: Float64Array;
}

/**
 * Maximum a posteriori fit by Fisher scoring. The boundaries have random-line priors whose roughness and range are set
 * by the marginal likelihood (empirical Bayes); levels and blur are free. The border of the band matrix holds trend,
 * levels and blur, so that their uncertainty reaches the boundaries.
 */
export function fitSurfaces(data: LayerData, start: LayerState, options: SurfaceOptions): SurfaceFit {
  const m = start.levels.length - 1;
  let x = split(start, data.along, m);
  let priors: LinePrior[] = Array.from({ length: m }, () => priorFrom(1, 12));
  let phi = options.phi ?? new Float64Array(start.levels.length * data.counts.length).fill(1);
  let terms = layerTerms(data, join(x, data.along, m), phi);
  let converged = false;
  for (let outer = 0; outer < options.outerIterations; outer++) {
    converged = false;
    for (let inner = 0; inner < (outer === 0 ? 12 : 5); inner++) {
      const newton = newtonStep(data, x, terms, priors, options.blur);
      const next = advance(data, x, terms, newton, priors, phi, options.blur);
      x = next.x;
      terms = next.terms;
      if (next.change < 1e-3) {
        converged = true;
        break;
      }
    }
    if (outer === options.outerIterations - 1) break;
    if (!options.phi) {
      phi = dispersion(terms, phi);
      terms = layerTerms(data, join(x, data.along, m), phi);
    }
    priors = priors.map((p, b) => linePriorOf(terms, x, b, m, data.along, outer === 0 ? null : p));
  }
  const final = newtonStep(data, x, terms, priors, options.blur);
  return report(data, x, terms, final, priors, phi, m, converged);
}

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

const trend = (j: number, along: number): number => (j - (along - 1) / 2) / along;

function join(x: Unknowns, along: number, m: number): LayerState {
  const boundaries = Float64Array.from(
    x.u,
    (u, i) => u + x.alpha[i % m] + x.beta[i % m] * trend(Math.floor(i / m), along),
  );
  return { levels: x.levels, boundaries, sigma: x.sigma };
}

function newtonStep(
  data: LayerData,
  x: Unknowns,
  terms: LayerTerms,
  priors: LinePrior[],
  blur: SurfaceOptions['blur'],
): Newton {
  const m = priors.length;
  const { along } = data;
  const g = terms.globalGradient.length;
  const t = 2 * m + g;
  const a = banded(along * m, 2 * m);
  const gradient = Float64Array.from(terms.gradient);
  priors.forEach((prior, b) => {
    eachPrecision(prior, along, (i, k, value) => {
      addTo(a, i * m + b, k * m + b, value);
      gradient[i * m + b] -= value * x.u[k * m + b];
      if (i !== k) gradient[k * m + b] -= value * x.u[i * m + b];
    });
  });
  const border = Array.from({ length: t }, () => new Float64Array(along * m));
  const corner = Array.from({ length: t }, () => new Float64Array(t));
  const right = new Float64Array(t);
  for (let j = 0; j < along; j++) {
    const tj = trend(j, along);
    for (let b = 0; b < m; b++) {
      const row = j * m + b;
      right[b] += terms.gradient[row];
      right[m + b] += tj * terms.gradient[row];
      for (let c = 0; c < m; c++) {
        const w = terms.information[row * m + c];
        if (c <= b) addTo(a, row, j * m + c, w);
        border[c][row] += w;
        border[m + c][row] += tj * w;
        corner[b][c] += w;
        corner[b][m + c] += tj * w;
        corner[m + b][c] += tj * w;
        corner[m + b][m + c] += tj * tj * w;
      }
      for (let p = 0; p < g; p++) {
        const v = terms.cross[row * g + p];
        border[2 * m + p][row] = v;
        corner[b][2 * m + p] += v;
        corner[2 * m + p][b] += v;
        corner[m + b][2 * m + p] += tj * v;
        corner[2 * m + p][m + b] += tj * v;
      }
    }
  }
  for (let p = 0; p < g; p++) {
    right[2 * m + p] = terms.globalGradient[p];
    for (let q = 0; q < g; q++) corner[2 * m + p][2 * m + q] += terms.globalInformation[p][q];
    corner[2 * m + p][2 * m + p] += 1e-6;
  }
  for (let b = 0; b < 2 * m; b++) corner[b][b] += 1e-6;
  const precision = 1 / (blur.sigma * blur.sigma);
  corner[t - 1][t - 1] += precision;
  right[t - 1] -= precision * (x.sigma - blur.value);

  const factor = cholesky(a);
  const solved = border.map((column) => solve(factor, column.slice()));
  const schurDense = corner.map((r, p) => r.map((v, q) => v - dot(border[p], solved[q])));
  const schur = cholesky(fromDense(schurDense, 1e-9));
  const stepU = solve(factor, gradient);
  const reduced = right.map((v, p) => v - dot(border[p], stepU));
  const stepT = solve(schur, reduced);
  for (let p = 0; p < t; p++) for (let i = 0; i < stepU.length; i++) stepU[i] -= solved[p][i] * stepT[p];
  return { factor, solved, schur, stepU, stepT };
}

function objective(
  x: Unknowns,
  terms: LayerTerms,
  priors: LinePrior[],
  along: number,
  blur: SurfaceOptions['blur'],
): number {
  const m = priors.length;
  let quadratic = ((x.sigma - blur.value) / blur.sigma) ** 2;
  priors.forEach((prior, b) => {
    eachPrecision(prior, along, (i, k, value) => {
      quadratic += (i === k ? 1 : 2) * value * x.u[i * m + b] * x.u[k * m + b];
    });
  });
  return terms.logLikelihood - 0.5 * quadratic;
}

/** Takes the step, shortened so that no line moves by more than 1.5 pixels, and halved until the objective rises. */
function advance(
  data: LayerData,
  x: Unknowns,
  terms: LayerTerms,
  n: Newton,
  priors: LinePrior[],
  phi: Float64Array,
  blur: SurfaceOptions['blur'],
): { x: Unknowns; terms: LayerTerms; change: number } {
  const m = priors.length;
  const elements = data.counts.length;
  const before = objective(x, terms, priors, data.along, blur);
  let largest = 0;
  for (let j = 0; j < data.along; j++) {
    for (let b = 0; b < m; b++) {
      const d = n.stepU[j * m + b] + n.stepT[b] + n.stepT[m + b] * trend(j, data.along);
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
    const nextTerms = layerTerms(data, join(next, data.along, m), phi);
    if (objective(next, nextTerms, priors, data.along, blur) >= before - 1e-6 * Math.abs(before) * 1e-3) {
      return { x: next, terms: nextTerms, change: largest * scale };
    }
  }
  return { x, terms, change: 0 };
}

/** Pearson dispersion, not below 1. */
function dispersion(terms: LayerTerms, previous: Float64Array): Float64Array {
  return previous.map((p, i) => (terms.values[i] > 30 ? Math.max(1, terms.chi2[i] / terms.values[i]) : p));
}

/** The prior of one line from its own pseudo-observations: position plus score over information. */
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
    w[j] = terms.information[row * m + b];
    const position = x.u[row] + x.alpha[b] + x.beta[b] * trend(j, along);
    const pull = w[j] > 1e-9 ? terms.gradient[row] / w[j] : 0;
    // An edge that is far off its pseudo-observation is not linear there: keep it near.
    y[j] = position + Math.max(-2, Math.min(2, pull));
    if (w[j] <= 1e-9) w[j] = 0;
  }
  return findPrior(y, w, start);
}

function report(
  data: LayerData,
  x: Unknowns,
  terms: LayerTerms,
  n: Newton,
  priors: LinePrior[],
  phi: Float64Array,
  m: number,
  converged: boolean,
): SurfaceFit {
  const { along } = data;
  const elements = data.counts.length;
  const state = join(x, along, m);
  const t = n.stepT.length;
  const variance = (p: number): number => {
    const unit = new Float64Array(t);
    unit[p] = 1;
    return solve(n.schur, unit)[p];
  };
  let logPrior = 0;
  const q = banded(along * m, 2 * m);
  priors.forEach((prior, b) => {
    eachPrecision(prior, along, (i, k, value) => {
      addTo(q, i * m + b, k * m + b, value);
      logPrior -= 0.5 * (i === k ? 1 : 2) * value * x.u[i * m + b] * x.u[k * m + b];
    });
  });
  const pixels = data.counts.reduce((s, c) => s + c.reduce((k, v) => k + (v >= 0 ? 1 : 0), 0), 0);
  const evidence =
    terms.logLikelihood +
    logPrior +
    0.5 * (logDeterminant(cholesky(q)) - logDeterminant(n.factor)) -
    0.5 * t * Math.log(Math.max(pixels / elements, 2));
  const draw = (random: Random): Float64Array => {
    const theta = backward(
      n.schur,
      Float64Array.from({ length: t }, () => random.normal()),
    );
    const u = backward(
      n.factor,
      Float64Array.from({ length: along * m }, () => random.normal()),
    );
    for (let i = 0; i < u.length; i++) {
      const b = i % m;
      u[i] += state.boundaries[i] + theta[b] + theta[m + b] * trend(Math.floor(i / m), along);
    }
    for (let p = 0; p < t; p++) for (let i = 0; i < u.length; i++) u[i] -= n.solved[p][i] * theta[p];
    return u;
  };
  return {
    ...state,
    priors,
    phi,
    logLikelihood: terms.logLikelihood,
    evidence,
    sigmaError: Math.sqrt(variance(t - 1)),
    levelErrors: x.levels.map((l, k) => l.map((_, e) => Math.sqrt(variance(2 * m + k * elements + e)))),
    converged,
    draw,
  };
}
