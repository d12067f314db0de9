/**
 * Boundaries of layers along a scan, from any observables measured along it: beam-blurred transitions shared by all
 * observables, fitted at once. Positions come with intervals from the posterior (levels and noise integrated out
 * exactly, widths by sampling), the number of layers from an information criterion. Method: docs/line-scan.md.
 */
import {
  LayerLikelihood,
  type LayerObservable,
  type PreparedObservable,
  prepareObservable,
} from './layer-likelihood.js';
import { type Cells, quantilesOf, type SampleSet, samplePosterior } from './sampler.js';
import { layerShares } from './transition.js';

export type { LayerObservable } from './layer-likelihood.js';

export interface LayerOptions {
  /** Full width of the beam along the scan; 0 for a point beam. */
  beam_um: number;
  /** At most this many layers are considered. */
  maxLayers?: 1 | 2 | 3;
  /** Take exactly this many layers instead of choosing. */
  layers?: 1 | 2 | 3;
  /** How much better (BIC) one more boundary must be. */
  minDeltaBic?: number;
  samples?: number;
  seed?: number;
}

export interface LayerBoundary {
  position_um: number;
  sigma_um: number;
  interval95_um: [number, number];
  /** Standard deviation of the transition with the beam's blur taken out. */
  width_um: number;
}

export interface LayerFit {
  layers: 1 | 2 | 3;
  /** BIC of one, two and three layers, as far as they were considered. */
  bicByLayers: number[];
  boundaries: LayerBoundary[];
  /** Distance of the two boundaries, for three layers. */
  thickness_um: { value: number; sigma: number; interval95: [number, number] } | null;
  /** Levels of every observable in scan order of the layers. */
  levels: { name: string; values: { value: number; sigma: number }[] }[];
  /** The fitted profile of an observable at any positions. */
  curve: (name: string, position_um: Float64Array) => Float64Array;
}

const MAX_GRID = 90;

/**
 * Fits one to three layers. Positions may come in any order, spacing and number per observable.
 * Returns null when no observable has at least four finite points at two different positions.
 */
export function fitLayers(observables: LayerObservable[], options: LayerOptions): LayerFit | null {
  const prepared = observables.map(prepareObservable).filter((o): o is PreparedObservable => o !== null);
  const places = distinctPositions(prepared);
  if (prepared.length === 0 || places.length < 4) return null;
  const search = new LayerSearch(prepared, places, options);
  const most = Math.min(options.layers ?? options.maxLayers ?? 3, Math.floor(places.length / 2)) as 1 | 2 | 3;
  // All models are judged with the same weights, those of the richest: otherwise a poor model could buy
  // itself a good likelihood by calling half of the points outliers.
  const richest = search.solveWithWeights(most);
  let chosen = richest;
  const bicByLayers: number[] = [];
  if (!options.layers) {
    for (let layers = 1; layers <= most; layers++) {
      const solution = layers === most ? richest : search.solve(layers as 1 | 2 | 3);
      bicByLayers.push(search.bic(solution));
      if (layers === 1 || bicByLayers[layers - 1] < search.bic(chosen) - (options.minDeltaBic ?? 0))
        chosen = solution;
    }
    if (chosen !== richest) chosen = search.solveWithWeights(chosen.layers);
  } else bicByLayers.push(search.bic(richest));
  return describe(search, chosen, bicByLayers, options);
}

interface Solution {
  layers: 1 | 2 | 3;
  boundaries: Float64Array;
  widths: Float64Array;
  cells: Cells | null;
}

class LayerSearch {
  readonly observables: PreparedObservable[];
  readonly likelihood: LayerLikelihood;
  readonly places: Float64Array;
  readonly spacing: number;
  readonly first: number;
  readonly last: number;
  private readonly stated: Float64Array[];

  constructor(observables: PreparedObservable[], places: Float64Array, options: LayerOptions) {
    this.observables = observables;
    this.likelihood = new LayerLikelihood(observables, options.beam_um);
    this.stated = observables.map((o) => Float64Array.from(o.weight));
    this.places = places;
    this.first = places[0];
    this.last = places[places.length - 1];
    this.spacing = (this.last - this.first) / (places.length - 1);
  }

  /** Weak belief about widths: most boundaries are narrower than a few steps (half-Cauchy of one step). */
  logPrior(widths: ArrayLike<number>): number {
    let sum = 0;
    for (let k = 0; k < widths.length; k++) sum -= Math.log(1 + (widths[k] / this.spacing) ** 2);
    return sum;
  }

  allowed(boundaries: ArrayLike<number>, widths: ArrayLike<number>): boolean {
    const range = this.last - this.first;
    for (let k = 0; k < boundaries.length; k++) {
      if (!(boundaries[k] > this.first && boundaries[k] < this.last)) return false;
      if (!(widths[k] >= 0 && widths[k] < range / 2)) return false;
      if (k > 0 && !(boundaries[k] > boundaries[k - 1])) return false;
    }
    return true;
  }

  /** Solves with weights of its own: robust ones, with the scatter beyond the stated errors. */
  solveWithWeights(layers: 1 | 2 | 3): Solution {
    this.observables.forEach((o, k) => {
      o.weight.set(this.stated[k]);
    });
    let solution = this.solve(layers);
    for (let pass = 0; pass < 3; pass++) {
      this.likelihood.reweigh(solution.boundaries, solution.widths, this.stated);
      solution = pass === 0 ? this.solve(layers) : this.polish(solution);
    }
    return solution;
  }

  solve(layers: 1 | 2 | 3): Solution {
    if (layers === 1)
      return { layers, boundaries: new Float64Array(0), widths: new Float64Array(0), cells: null };
    const cells = this.grid(layers);
    return { layers, ...this.refine(this.bestOf(cells)), cells };
  }

  private polish(solution: Solution): Solution {
    return solution.layers === 1 ? solution : { ...solution, ...this.refine(solution.boundaries) };
  }

  /**
   * A boundary is a position found by search, which costs as two parameters do (N. R. Zhang, D. O. Siegmund,
   * Biometrics 63 (2007) 22), a width, and one more level of every observable.
   */
  bic(solution: Solution): number {
    const { layers, boundaries, widths } = solution;
    const parameters = layers * this.observables.length + 3 * (layers - 1);
    return this.likelihood.deviance(boundaries, widths) + parameters * Math.log(this.likelihood.points);
  }

  /** Posterior of all boundary positions on a regular grid, widths held at a quarter of the spacing. */
  private grid(layers: 2 | 3): Cells {
    const steps = Math.min(MAX_GRID, Math.max(12, 3 * (this.places.length - 1)));
    const cell = (this.last - this.first) / steps;
    const centers: number[] = [];
    const logs: number[] = [];
    const width = [0.25 * this.spacing, 0.25 * this.spacing];
    for (let i = 0; i < steps; i++) {
      const b1 = this.first + (i + 0.5) * cell;
      if (layers === 2) {
        centers.push(b1);
        logs.push(this.likelihood.logMarginal([b1], width));
      } else {
        for (let j = i + 1; j < steps; j++) {
          const b2 = this.first + (j + 0.5) * cell;
          centers.push(b1, b2);
          logs.push(this.likelihood.logMarginal([b1, b2], width));
        }
      }
    }
    return toCells(centers, logs, layers - 1, cell / 2);
  }

  private bestOf(cells: Cells): Float64Array {
    const dims = cells.parameters.length;
    let best = 0;
    for (let c = 1; c < cells.weights.length; c++) if (cells.weights[c] > cells.weights[best]) best = c;
    return cells.centers.slice(best * dims, (best + 1) * dims);
  }

  /** Coordinate-wise golden search from a grid point: robust on the kinked likelihood of a sharp boundary. */
  refine(start: Float64Array): { boundaries: Float64Array; widths: Float64Array } {
    const dims = start.length;
    const p = new Float64Array(2 * dims);
    p.set(start);
    p.fill(0.25 * this.spacing, dims);
    const value = (q: Float64Array): number => {
      const b = q.subarray(0, dims);
      const w = q.subarray(dims);
      return this.allowed(b, w) ? this.likelihood.logMarginal(b, w) + this.logPrior(w) : -Infinity;
    };
    let best = value(p);
    let step = 0.5 * this.spacing;
    while (step > 0.004 * this.spacing) {
      let improved = false;
      for (let k = 0; k < 2 * dims; k++)
        for (const sign of [1, -1]) {
          const before = p[k];
          p[k] = k < dims ? before + sign * step : Math.max(0, before + sign * step);
          const trial = value(p);
          if (trial > best + 1e-9) {
            best = trial;
            improved = true;
          } else p[k] = before;
        }
      if (!improved) step /= 2;
    }
    return { boundaries: p.slice(0, dims), widths: p.slice(dims) };
  }

  sample(solution: Solution, samples: number, seed: number): SampleSet {
    const dims = solution.boundaries.length;
    const start = new Float64Array(2 * dims);
    start.set(solution.boundaries);
    start.set(solution.widths, dims);
    return samplePosterior({
      start,
      step: new Float64Array(2 * dims).fill(0.2 * this.spacing),
      logDensity: (p) => {
        const b = p.subarray(0, dims);
        const w = p.subarray(dims);
        return this.allowed(b, w) ? this.likelihood.logMarginal(b, w) + this.logPrior(w) : -Infinity;
      },
      cells: solution.cells ?? undefined,
      burnIn: Math.round(samples / 3),
      samples,
      seed,
    });
  }
}

function toCells(centers: number[], logs: number[], dims: number, half: number): Cells {
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  // Half of the log posterior: flatter than the posterior, so that jumps also leave the main mode.
  const weights = Float64Array.from(logs, (value) => Math.exp(0.5 * (value - top)) + 1e-6);
  const sum = weights.reduce((a, b) => a + b, 0);
  return {
    parameters: Array.from({ length: dims }, (_, k) => k),
    centers: Float64Array.from(centers),
    half,
    weights: weights.map((w) => w / sum),
  };
}

function distinctPositions(observables: PreparedObservable[]): Float64Array {
  const all = new Set<number>();
  for (const o of observables) for (const p of o.position_um) all.add(p);
  return Float64Array.from([...all].sort((a, b) => a - b));
}

function describe(
  search: LayerSearch,
  solution: Solution,
  bicByLayers: number[],
  options: LayerOptions,
): LayerFit {
  const { layers } = solution;
  const dims = layers - 1;
  let { boundaries, widths } = solution;
  let found: LayerBoundary[] = [];
  let thickness: LayerFit['thickness_um'] = null;
  if (dims > 0) {
    const set = search.sample(solution, options.samples ?? 6000, options.seed ?? 1);
    const ofParameter = (k: number) => quantilesOf(set, (p) => p[k], [0.025, 0.5, 0.975]);
    found = Array.from({ length: dims }, (_, k) => {
      const at = ofParameter(k);
      return {
        position_um: at.quantiles[1],
        sigma_um: at.sigma,
        interval95_um: [at.quantiles[0], at.quantiles[2]],
        width_um: ofParameter(dims + k).quantiles[1],
      };
    });
    boundaries = Float64Array.from(found, (b) => b.position_um);
    widths = Float64Array.from(found, (b) => b.width_um);
    if (dims === 2) {
      const t = quantilesOf(set, (p) => p[1] - p[0], [0.025, 0.5, 0.975]);
      thickness = { value: t.quantiles[1], sigma: t.sigma, interval95: [t.quantiles[0], t.quantiles[2]] };
    }
  }
  const fits = search.likelihood.fits(boundaries, widths);
  const levels = search.observables.map((o, k) => ({
    name: o.name,
    values: Array.from(fits[k].levels, (level, l) => ({
      value: o.offset + o.span * level,
      sigma:
        o.span *
        Math.sqrt((fits[k].inverse[l * layers + l] * fits[k].sum) / Math.max(1, fits[k].points - layers)),
    })),
  }));
  const curve = (name: string, position_um: Float64Array): Float64Array => {
    const own = levels.find((l) => l.name === name);
    if (!own) throw new Error(`no observable '${name}' in this fit`);
    const shares = new Float64Array(position_um.length * layers);
    layerShares(position_um, boundaries, widths, options.beam_um, shares);
    return position_um.map((_, i) =>
      own.values.reduce((sum, level, l) => sum + shares[i * layers + l] * level.value, 0),
    );
  };
  return { layers, bicByLayers, boundaries: found, thickness_um: thickness, levels, curve };
}
