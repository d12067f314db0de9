import type { CountImages } from '../image/noise.js';
import { type Random, seededRandom } from '../image/random.js';
import { gaussianSmooth } from '../image/smooth.js';

/**
 * Neighbourhood expectation-maximisation (Ambroise, Dang and Govaert 1997) of a mixture of counting distributions:
 * each class has a mean and a dispersion per element; the log likelihood is the extended quasi-likelihood of Nelder
 * and Pregibon (1987), -D/(2 phi) - ln(phi)/2 with the Poisson deviance D, exact for Poisson counts at phi = 1.
 * Neighbours are tied by a mean-field Potts term.
 */
export interface Mixture {
  classes: number;
  /** Mean effective counts, mean[k][e]. */
  mean: number[][];
  /** Variance over mean, at least 1. */
  dispersion: number[][];
  /** Posterior probability, q[pixel * classes + k]. */
  q: Float32Array;
  /** Pseudo log likelihood (each pixel given its neighbours' probabilities), constant terms left out. */
  logLikelihood: number;
  bic: number;
  pixels: number;
}

export interface MixtureOptions {
  /** Strength of the tie between neighbours. */
  beta: number;
  maxIterations: number;
  /** Largest relative scatter within a class beyond counting. */
  maxScatter: number;
  seed: number;
}

export const mixtureDefaults: MixtureOptions = { beta: 0.8, maxIterations: 40, maxScatter: 0.3, seed: 1 };

/** Largest deviance per element that a pixel may hold against a class: hot pixels then follow their neighbours. */
const devianceCap = 40;

/** Starts from k-means on smoothed images with `classes` classes. */
export function startMixture(images: CountImages, classes: number, options: MixtureOptions): Mixture {
  const random = seededRandom(options.seed);
  const smoothed = images.counts.map((c) => gaussianSmooth(c, images.ny, images.nx, 1.5).map(Math.sqrt));
  const centres = kMeans(smoothed, classes, random);
  const n = images.ny * images.nx;
  const q = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) q[i * classes + nearest(smoothed, i, centres)] = 1;
  return runMixture(images, classes, q, options);
}

/** Joins two classes of a converged mixture and runs again. */
export function mergeClasses(
  images: CountImages,
  m: Mixture,
  a: number,
  b: number,
  options: MixtureOptions,
): Mixture {
  const classes = m.classes - 1;
  const to = Array.from({ length: m.classes }, (_, k) => (k === b ? a : k)).map((k) => (k > b ? k - 1 : k));
  const q = new Float32Array((m.q.length / m.classes) * classes);
  for (let i = 0; i < q.length / classes; i++) {
    for (let k = 0; k < m.classes; k++) q[i * classes + to[k]] += m.q[i * m.classes + k];
  }
  return runMixture(images, classes, q, options);
}

export function runMixture(
  images: CountImages,
  classes: number,
  start: Float32Array,
  options: MixtureOptions,
): Mixture {
  const n = images.ny * images.nx;
  const elements = images.counts.length;
  const q = Float32Array.from(start);
  const mean = Array.from({ length: classes }, () => new Array<number>(elements).fill(0));
  const dispersion = Array.from({ length: classes }, () => new Array<number>(elements).fill(1));
  const entropy = images.counts.map((c) => c.map((v) => (v > 0 ? v * Math.log(v) - v : 0)));
  const ll = new Float64Array(classes);
  const row = new Float32Array(images.nx * classes);
  let logLikelihood = -Infinity;
  let pixels = 0;
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    updateClasses(images, classes, q, mean, dispersion, options.maxScatter);
    const share = shares(q, classes, n);
    const logMean = mean.map((m) => m.map((v) => Math.log(v)));
    const logPhi = dispersion.map((d) => d.reduce((s, v) => s + Math.log(v) / 2, 0));
    let total = 0;
    let change = 0;
    pixels = 0;
    for (let r = 0; r < images.ny; r++) {
      for (let c = 0; c < images.nx; c++) {
        const i = r * images.nx + c;
        let any = false;
        for (let k = 0; k < classes; k++) ll[k] = -logPhi[k];
        for (let e = 0; e < elements; e++) {
          const v = images.counts[e][i];
          if (!(v >= 0)) continue;
          any = true;
          for (let k = 0; k < classes; k++) {
            const d = (2 * (entropy[e][i] - v * logMean[k][e] + mean[k][e])) / dispersion[k][e];
            ll[k] -= 0.5 * (d < devianceCap ? d : devianceCap + (0.02 * (d - devianceCap)) / (1 + 0.001 * d));
          }
        }
        const weight = neighbourField(q, images, r, c, classes, row, c * classes);
        let top = -Infinity;
        let priorSum = 0;
        for (let k = 0; k < classes; k++) {
          const prior = share[k] * Math.exp(options.beta * (row[c * classes + k] - weight));
          priorSum += prior;
          ll[k] = (any ? ll[k] : 0) + Math.log(prior + 1e-300);
          if (ll[k] > top) top = ll[k];
        }
        let sum = 0;
        for (let k = 0; k < classes; k++) {
          ll[k] = Math.exp(ll[k] - top);
          sum += ll[k];
        }
        // Sequential (Gauss-Seidel) update: converges without the oscillation of a parallel one.
        for (let k = 0; k < classes; k++) {
          const p = ll[k] / sum;
          change += Math.abs(p - q[i * classes + k]);
          q[i * classes + k] = p;
        }
        if (any) {
          total += top + Math.log(sum) - Math.log(priorSum);
          pixels++;
        }
      }
    }
    logLikelihood = total;
    if (change / n < 2e-4) break;
  }
  const parameters = classes * (2 * elements + 1) - 1;
  return {
    classes,
    mean,
    dispersion,
    q,
    logLikelihood,
    bic: -2 * logLikelihood + parameters * Math.log(pixels),
    pixels,
  };
}

const diagonal = Math.SQRT1_2;

/** Sum of the neighbours' probabilities (diagonals weigh 1/sqrt 2) into `out`; returns the total weight. */
function neighbourField(
  q: Float32Array,
  images: CountImages,
  r: number,
  c: number,
  classes: number,
  out: Float32Array,
  at: number,
): number {
  const { ny, nx } = images;
  let weight = 0;
  for (let k = 0; k < classes; k++) out[at + k] = 0;
  for (let dr = -1; dr <= 1; dr++) {
    const rr = r + dr;
    if (rr < 0 || rr >= ny) continue;
    for (let dc = -1; dc <= 1; dc++) {
      const cc = c + dc;
      if (cc < 0 || cc >= nx || (dr === 0 && dc === 0)) continue;
      const w = dr === 0 || dc === 0 ? 1 : diagonal;
      weight += w;
      const j = (rr * nx + cc) * classes;
      for (let k = 0; k < classes; k++) out[at + k] += w * q[j + k];
    }
  }
  return weight;
}

function shares(q: Float32Array, classes: number, n: number): number[] {
  const share = new Array<number>(classes).fill(0);
  for (let i = 0; i < n; i++) for (let k = 0; k < classes; k++) share[k] += q[i * classes + k];
  // With a spatial prior a small region must not lose its border to a large one: equalise by the square root.
  const rooted = share.map((s) => Math.sqrt(s / n + 1e-9));
  const sum = rooted.reduce((a, b) => a + b, 0);
  return rooted.map((s) => s / sum);
}

function updateClasses(
  images: CountImages,
  classes: number,
  q: Float32Array,
  mean: number[][],
  dispersion: number[][],
  maxScatter: number,
): void {
  const n = images.ny * images.nx;
  for (let e = 0; e < images.counts.length; e++) {
    const counts = images.counts[e];
    const weight = new Float64Array(classes);
    const sum = new Float64Array(classes);
    for (let i = 0; i < n; i++) {
      const v = counts[i];
      if (!(v >= 0)) continue;
      for (let k = 0; k < classes; k++) {
        const w = q[i * classes + k];
        // A pixel far above its class (a hot one) is held at the cap, so that it cannot pull the mean.
        const m = mean[k][e];
        const limit = m > 0 ? m + 8 * Math.sqrt(m * dispersion[k][e]) + 8 : Infinity;
        weight[k] += w;
        sum[k] += w * Math.min(v, limit);
      }
    }
    const square = new Float64Array(classes);
    for (let k = 0; k < classes; k++) mean[k][e] = Math.max((sum[k] + 0.05) / (weight[k] + 1), 0.01);
    for (let i = 0; i < n; i++) {
      const v = counts[i];
      if (!(v >= 0)) continue;
      for (let k = 0; k < classes; k++) {
        const m = mean[k][e];
        const d = ((v - m) * (v - m)) / m;
        square[k] += q[i * classes + k] * Math.min(d, 36 * dispersion[k][e]);
      }
    }
    for (let k = 0; k < classes; k++) {
      const phi = weight[k] > 2 ? square[k] / weight[k] : 1;
      dispersion[k][e] = Math.min(Math.max(phi, 1), 1 + maxScatter * maxScatter * mean[k][e]);
    }
  }
}

function nearest(images: Float64Array[], i: number, centres: number[][]): number {
  let best = 0;
  let least = Infinity;
  for (let k = 0; k < centres.length; k++) {
    let d = 0;
    for (let e = 0; e < images.length; e++) {
      const v = images[e][i] - centres[k][e];
      if (Number.isFinite(v)) d += v * v;
    }
    if (d < least) {
      least = d;
      best = k;
    }
  }
  return best;
}

/** k-means with careful seeding (Arthur and Vassilvitskii 2007), the best of six starts on at most 2500 pixels. */
function kMeans(images: Float64Array[], classes: number, random: Random): number[][] {
  const n = images[0].length;
  const points: number[][] = [];
  const wanted = Math.min(n, 2500);
  for (let j = 0; j < wanted; j++) {
    const i = Math.min(n - 1, Math.floor(((j + random.uniform()) * n) / wanted));
    const p = images.map((image) => image[i]);
    if (p.every(Number.isFinite)) points.push(p);
  }
  if (points.length === 0) return Array.from({ length: classes }, () => images.map(() => 0));
  const squared = (a: number[], b: number[]): number => a.reduce((s, v, e) => s + (v - b[e]) ** 2, 0);
  let best: number[][] = [];
  let least = Infinity;
  for (let start = 0; start < 6; start++) {
    let centres = [points[Math.floor(random.uniform() * points.length)]];
    while (centres.length < classes) {
      const d = points.map((p) => Math.min(...centres.map((c) => squared(p, c))));
      let left = random.uniform() * d.reduce((a, b) => a + b, 0);
      let pick = 0;
      while (pick < d.length - 1 && left > d[pick]) left -= d[pick++];
      centres.push(points[pick]);
    }
    let cost = 0;
    for (let iteration = 0; iteration < 15; iteration++) {
      const sums = centres.map((c) => ({ n: 0, s: c.map(() => 0) }));
      cost = 0;
      for (const p of points) {
        let k = 0;
        let d = Infinity;
        for (let j = 0; j < centres.length; j++) {
          const dj = squared(p, centres[j]);
          if (dj < d) {
            d = dj;
            k = j;
          }
        }
        cost += d;
        sums[k].n++;
        for (let e = 0; e < p.length; e++) sums[k].s[e] += p[e];
      }
      centres = centres.map((c, k) => (sums[k].n > 0 ? sums[k].s.map((v) => v / sums[k].n) : c));
    }
    if (cost < least) {
      least = cost;
      best = centres;
    }
  }
  return best;
}
