import { inverseFft } from '../numeric/fft.js';
import { Random } from '../numeric/random.js';

/** Two boundaries x(y) of a layer on a fine grid of y. */
export interface WavyLayer {
  y_um: Float64Array;
  first_um: Float64Array;
  second_um: Float64Array;
}

/** A smooth random curve of zero mean and the given rms, with a Gaussian correlation exp(-(d/length)^2 / 2) along y. */
function wave(random: Random, n: number, step_um: number, rms: number, length_um: number): Float64Array {
  if (!(rms > 0)) return new Float64Array(n);
  // Periodic synthesis on a grid twice as long; half of it is used, so the ends are independent.
  const size = 2 ** Math.ceil(Math.log2(2 * n + (8 * length_um) / step_um));
  const spectrum = new Float64Array(2 * size);
  for (let k = 1; k < size / 2; k++) {
    const q = (2 * Math.PI * k) / (size * step_um);
    const amplitude = Math.exp(-0.25 * (q * length_um) ** 2);
    spectrum[2 * k] = amplitude * random.normal();
    spectrum[2 * k + 1] = amplitude * random.normal();
  }
  const values = inverseFft(spectrum);
  const curve = Float64Array.from({ length: n }, (_, i) => values[2 * i]!);
  const mean = curve.reduce((a, b) => a + b, 0) / n;
  const spread = Math.sqrt(curve.reduce((a, b) => a + (b - mean) ** 2, 0) / n) || 1;
  return curve.map((value) => ((value - mean) / spread) * rms);
}

/**
 * A layer whose mid-line waves by `roughness` and whose thickness varies by `variation`, each with the given
 * correlation length; never thinner than nothing.
 */
export function wavyLayer(
  options: {
    height_um: number;
    start_um: number;
    thickness_um: number;
    roughness_um: number;
    variation_um: number;
    correlation_um: number;
  },
  seed: number,
): WavyLayer {
  const step = 1;
  const n = Math.ceil(options.height_um / step) + 1;
  const common = wave(new Random(seed, 'layer'), n, step, options.roughness_um, options.correlation_um);
  const own = wave(new Random(seed, 'thickness'), n, step, options.variation_um, options.correlation_um);
  const thickness = own.map((value) =>
    Math.max(0, options.thickness_um + (options.thickness_um > 0 ? value : 0)),
  );
  const first_um = common.map(
    (value, i) => options.start_um + value - (thickness[i]! - options.thickness_um) / 2,
  );
  return {
    y_um: Float64Array.from({ length: n }, (_, i) => i * step),
    first_um,
    second_um: first_um.map((value, i) => value + thickness[i]!),
  };
}

/** Local thickness along the normal of the mid-line, at every y: where that normal meets the two boundaries. */
export function normalThickness({ y_um, first_um, second_um }: WavyLayer): Float64Array {
  const n = y_um.length;
  const step = y_um[1]! - y_um[0]!;
  const middle = first_um.map((value, i) => (value + second_um[i]!) / 2);
  const at = (curve: Float64Array, y: number): number => {
    const u = Math.min(Math.max(y / step, 0), n - 1);
    const i = Math.min(Math.floor(u), n - 2);
    return curve[i]! + (u - i) * (curve[i + 1]! - curve[i]!);
  };
  return Float64Array.from({ length: n }, (_, i) => {
    const [a, b] = [Math.max(i - 1, 0), Math.min(i + 1, n - 1)];
    const slope = (middle[b]! - middle[a]!) / ((b - a) * step);
    const length = Math.hypot(1, slope);
    // Along the normal (1, -slope): x = m + s, y = y_i - slope s; the boundary is met where x equals it.
    const meet = (curve: Float64Array): number => {
      let s = at(curve, y_um[i]!) - middle[i]!;
      for (let round = 0; round < 30; round++) s += 0.5 * (at(curve, y_um[i]! - slope * s) - middle[i]! - s);
      return s;
    };
    return (meet(second_um) - meet(first_um)) * length;
  });
}
