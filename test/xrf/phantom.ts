import type { ElementMap } from '../../src/measurement.js';
import { type Random, seededRandom } from '../../src/xrf/image/random.js';

/** A layered map with wavy surfaces and a known truth. */
export interface PhantomOptions {
  seed: number;
  /** Pixels across the layers and along them. */
  across: number;
  along: number;
  pixel_um: number;
  blurFwhm_um: number;
  /** Counts per pixel at level one. */
  counts: number;
  thickness_um: number;
  roughness_um: number;
  correlation_um: number;
  axis: 'x' | 'y';
  anodeFirst: boolean;
  tilt: number;
  /** Share of its own waviness that the far side of the layer has; the rest it has in common with the near side. */
  independent: number;
  levels: Record<'cathode' | 'electrolyte' | 'aei' | 'anode', [number, number, number]>;
}

export const phantomDefaults: PhantomOptions = {
  seed: 1,
  across: 80,
  along: 120,
  pixel_um: 5,
  blurFwhm_um: 5,
  counts: 30,
  thickness_um: 50,
  roughness_um: 4,
  correlation_um: 60,
  axis: 'x',
  anodeFirst: true,
  tilt: 0,
  independent: 1,
  levels: {
    cathode: [0.05, 0.05, 0.1],
    electrolyte: [1, 0.05, 1],
    aei: [0.8, 0.35, 0.9],
    anode: [0.03, 1, 0.05],
  },
};

export interface Phantom {
  map: ElementMap;
  truth: {
    anode_um: Float64Array;
    electrolyte_um: Float64Array;
    cathode_um: Float64Array;
    meanThickness_um: number;
    nominal_um: number;
  };
  labels: Uint8Array;
}

export function phantom(options: Partial<PhantomOptions> = {}): Phantom {
  const o = { ...phantomDefaults, ...options };
  const random = seededRandom(o.seed);
  const fine = 5;
  const anode = wave(o, random);
  const lower = wave(o, random);
  const third = wave(o, random);
  const start = 0.3 * o.across * o.pixel_um;
  for (let j = 0; j < o.along; j++) {
    if (o.independent < 1) lower[j] = anode[j] + o.independent * lower[j];
    const t = o.tilt * (j - o.along / 2) * o.pixel_um;
    anode[j] += start + t;
    lower[j] =
      o.thickness_um > 0 ? lower[j] + start + t + o.thickness_um * Math.sqrt(1 + o.tilt * o.tilt) : anode[j];
    third[j] += 0.85 * o.across * o.pixel_um;
  }
  const blur = o.blurFwhm_um / 2.3548;
  const pad = Math.ceil((3 * blur) / o.pixel_um) + 1;
  const kernelHalf = Math.ceil((3.5 * blur * fine) / o.pixel_um);
  const na = (o.across + 2 * pad) * fine;
  const nl = (o.along + 2 * pad) * fine;
  const names = ['anode', 'aei', 'electrolyte', 'cathode'] as const;
  // Share of each layer in each fine cell: exact along the direction across the layers.
  const shares = names.map(() => new Float64Array(na * nl));
  const index = new Uint8Array(na * nl);
  const beyond = (s: number, edge: number): number =>
    Math.min(Math.max(0.5 + ((s - edge) * fine) / o.pixel_um, 0), 1);
  for (let l = 0; l < nl; l++) {
    const position = (l + 0.5) / fine - 0.5 - pad;
    const edges = [at(anode, position), at(lower, position), at(third, position)];
    for (let a = 0; a < na; a++) {
      const s = ((a + 0.5) / fine - 0.5 - pad) * o.pixel_um;
      const i = l * na + a;
      index[i] = edges.reduce((k, edge) => k + (s >= edge ? 1 : 0), 0);
      const rise = [1, ...edges.map((edge) => beyond(s, edge)), 0];
      for (let k = 0; k < 4; k++) shares[k][i] = rise[k] - rise[k + 1];
    }
  }
  const kernel = Float64Array.from({ length: 2 * kernelHalf + 1 }, (_, i) =>
    Math.exp(-0.5 * (((i - kernelHalf) * o.pixel_um) / fine / Math.max(blur, 1e-6)) ** 2),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i] /= sum;
  const ny = o.axis === 'x' ? o.along : o.across;
  const nx = o.axis === 'x' ? o.across : o.along;
  const labels = new Uint8Array(ny * nx);
  const place = (a: number, l: number): number => {
    const aa = o.anodeFirst ? a : o.across - 1 - a;
    return o.axis === 'x' ? l * nx + aa : aa * nx + l;
  };
  for (let l = 0; l < o.along; l++)
    for (let a = 0; a < o.across; a++)
      labels[place(a, l)] = index[((l + pad) * fine + 2) * na + (a + pad) * fine + 2];
  const images = ['Y', 'In', 'Cl'].map((element, e) => {
    const scene = Float64Array.from(index, (_, i) =>
      names.reduce((sum, name, k) => sum + shares[k][i] * o.levels[name][e] * o.counts, 0),
    );
    const along = convolve(scene, na, nl, 1, kernel, na);
    const both = convolve(along, na, nl, na, kernel, na);
    const values = new Float64Array(ny * nx);
    for (let l = 0; l < o.along; l++) {
      for (let a = 0; a < o.across; a++) {
        let mean = 0;
        for (let i = 0; i < fine; i++)
          for (let j = 0; j < fine; j++) mean += both[((l + pad) * fine + i) * na + (a + pad) * fine + j];
        values[place(a, l)] = poisson(mean / fine / fine, random);
      }
    }
    return { element, values, sigma: null };
  });
  return {
    map: {
      name: 'phantom',
      grid: { ny, nx, pixel_um: { x: o.pixel_um, y: o.pixel_um } },
      incidentEnergy_eV: null,
      images,
    },
    truth: {
      anode_um: anode,
      electrolyte_um: lower,
      cathode_um: third,
      meanThickness_um: o.thickness_um > 0 ? normalThickness(anode, lower, o.pixel_um) : 0,
      nominal_um: o.thickness_um,
    },
    labels,
  };
}

const at = (values: Float64Array, position: number): number => {
  const p = Math.min(Math.max(position, 0), values.length - 1);
  const i = Math.min(Math.floor(p), values.length - 2);
  return values[i] + (p - i) * (values[i + 1] - values[i]);
};

/** Mean length along the normals of the middle line, by small steps (on purpose another way than the program's). */
export function normalThickness(a: Float64Array, b: Float64Array, pixel: number): number {
  let sum = 0;
  let n = 0;
  for (let j = 1; j < a.length - 1; j++) {
    const middle = (a[j] + b[j]) / 2;
    const slope = (a[j + 1] + b[j + 1] - a[j - 1] - b[j - 1]) / 4 / pixel;
    const norm = Math.hypot(1, slope);
    let length = 0;
    for (const [line, sign] of [
      [b, 1],
      [a, -1],
    ] as const) {
      let t = 0;
      while (
        t < 500 &&
        sign * (at(line, j - (sign * t * slope) / norm / pixel) - middle - (sign * t) / norm) > 0
      )
        t += 0.02;
      length += t;
    }
    sum += length;
    n++;
  }
  return sum / n;
}

/** A Gaussian random line with a Gaussian correlation function. */
function wave(o: PhantomOptions, random: Random): Float64Array {
  const sigma = o.correlation_um / o.pixel_um / 2;
  const half = Math.ceil(4 * sigma);
  const noise = Float64Array.from({ length: o.along + 2 * half }, () => random.normal());
  const out = new Float64Array(o.along);
  let norm = 0;
  for (let k = -half; k <= half; k++) norm += Math.exp((-k * k) / (sigma * sigma));
  for (let j = 0; j < o.along; j++) {
    for (let k = -half; k <= half; k++)
      out[j] += Math.exp((-k * k) / (2 * sigma * sigma)) * noise[j + half + k];
    out[j] *= o.roughness_um / Math.sqrt(norm);
  }
  return out;
}

function convolve(
  image: Float64Array,
  na: number,
  nl: number,
  stride: number,
  kernel: Float64Array,
  row: number,
): Float64Array {
  const half = (kernel.length - 1) / 2;
  const out = new Float64Array(image.length);
  for (let l = 0; l < nl; l++) {
    for (let a = 0; a < na; a++) {
      let sum = 0;
      const p = stride === 1 ? a : l;
      const top = stride === 1 ? na : nl;
      for (let k = -half; k <= half; k++) {
        const q = Math.min(Math.max(p + k, 0), top - 1);
        sum += kernel[k + half] * image[stride === 1 ? l * row + q : q * row + a];
      }
      out[l * row + a] = sum;
    }
  }
  return out;
}

export function poisson(mean: number, random: Random): number {
  if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  const limit = Math.exp(-mean);
  let product = random.uniform();
  let n = 0;
  while (product > limit) {
    n++;
    product *= random.uniform();
  }
  return n;
}
