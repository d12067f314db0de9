import { linearLeastSquares } from '../../fit/linear.js';
import type { EnergyStack, Grid } from '../../measurement.js';
import { fft2, powerOfTwo } from '../../numeric/fft.js';
import { median } from './noise.js';
import { gaussianSmooth } from './smooth.js';

/** How far image b lies from image a: b(y + dy, x + dx) looks like a(y, x). In pixels. */
export interface Shift {
  dx: number;
  dy: number;
  /** Height of the correlation peak in standard deviations of the correlation image; below about 8 it means nothing. */
  significance: number;
  /** Standard uncertainty of the shift from the scatter of the images about each other; Infinity where it failed. */
  sigma: number;
}

/**
 * Shift between two images of one size by phase correlation (Kuglin and Hines 1975): the inverse transform of
 * conj(A) B / |A B| peaks at the shift. Images are windowed, missing pixels take the median, frequencies
 * that drown in noise are left out, and the last fraction of a pixel is found by least squares.
 */
export function phaseCorrelation(a: ArrayLike<number>, b: ArrayLike<number>, ny: number, nx: number): Shift {
  const height = powerOfTwo(ny);
  const width = powerOfTwo(nx);
  const fa = fft2(prepared(a, ny, nx, height, width), height, width);
  const fb = fft2(prepared(b, ny, nx, height, width), height, width);
  const cross = new Float64Array(fa.length);
  const corner: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const k = 2 * (y * width + x);
      cross[k] = fa[k] * fb[k] + fa[k + 1] * fb[k + 1];
      cross[k + 1] = fa[k] * fb[k + 1] - fa[k + 1] * fb[k];
      if (Math.abs(y - height / 2) < height / 8 && Math.abs(x - width / 2) < width / 8)
        corner.push(Math.hypot(cross[k], cross[k + 1]));
    }
  }
  // Only frequencies that stand out of the noise (the power near the sampling limit) have a phase worth counting.
  const noise = median(corner);
  for (let k = 0; k < cross.length; k += 2) {
    const norm = Math.hypot(cross[k], cross[k + 1]);
    const w = norm > 0 ? Math.max(0, 1 - (4 * noise) / norm) / norm : 0;
    cross[k] *= w;
    cross[k + 1] *= w;
  }
  const coarse = peakOf(fft2(cross, height, width, true), height, width);
  return refined(a, b, ny, nx, coarse);
}

/**
 * The last fraction of a pixel by least squares: b(y + dy, x + dx) = gain a(y, x) + offset, linearised in the shift (Lucas
 * and Kanade 1981) on images smoothed by one pixel. A step that leads further than 2 pixels away is not taken.
 */
function refined(a: ArrayLike<number>, b: ArrayLike<number>, ny: number, nx: number, start: Shift): Shift {
  const smoothA = gaussianSmooth(Float64Array.from(a), ny, nx, 1);
  const smoothB = gaussianSmooth(Float64Array.from(b), ny, nx, 1);
  let { dy, dx } = start;
  let sigma = Infinity;
  const stride = Math.max(1, Math.floor(Math.sqrt((ny * nx) / 40000)));
  for (let round = 0; round < 6; round++) {
    const columns = Array.from({ length: 4 }, () => [] as number[]);
    const y: number[] = [];
    for (let r = 2; r < ny - 2; r += stride) {
      for (let c = 2; c < nx - 2; c += stride) {
        const here = sampleAt(smoothB, ny, nx, r + dy, c + dx);
        const gy =
          (sampleAt(smoothB, ny, nx, r + dy + 1, c + dx) - sampleAt(smoothB, ny, nx, r + dy - 1, c + dx)) / 2;
        const gx =
          (sampleAt(smoothB, ny, nx, r + dy, c + dx + 1) - sampleAt(smoothB, ny, nx, r + dy, c + dx - 1)) / 2;
        const model = smoothA[r * nx + c];
        if (!Number.isFinite(here + gy + gx + model)) continue;
        columns[0].push(-gy);
        columns[1].push(-gx);
        columns[2].push(model);
        columns[3].push(1);
        y.push(here);
      }
    }
    if (y.length < 30) return start;
    const { coefficients, sigma: errors } = linearLeastSquares({
      columns: columns.map((v) => Float64Array.from(v)),
      y: Float64Array.from(y),
    });
    const [stepY, stepX] = coefficients;
    if (!Number.isFinite(stepY + stepX)) return start;
    // Smoothing by one pixel leaves about one independent value in 4 pi.
    sigma = Math.hypot(errors[0], errors[1]) * Math.max(1, Math.sqrt(4 * Math.PI) / stride);
    dy += Math.max(-1, Math.min(1, stepY));
    dx += Math.max(-1, Math.min(1, stepX));
    if (Math.hypot(stepY, stepX) < 0.01) break;
  }
  return Math.hypot(dy - start.dy, dx - start.dx) < 2
    ? { dy, dx, significance: start.significance, sigma }
    : start;
}

function prepared(
  image: ArrayLike<number>,
  ny: number,
  nx: number,
  height: number,
  width: number,
): Float64Array {
  const sample: number[] = [];
  for (let i = 0; i < image.length; i += Math.max(1, Math.floor(image.length / 5000)))
    if (Number.isFinite(image[i])) sample.push(image[i]);
  const middle = median(sample);
  const out = new Float64Array(2 * height * width);
  for (let y = 0; y < ny; y++) {
    const wy = Math.sin((Math.PI * (y + 0.5)) / ny) ** 2;
    for (let x = 0; x < nx; x++) {
      const v = image[y * nx + x];
      if (Number.isFinite(v))
        out[2 * (y * width + x)] = (v - middle) * wy * Math.sin((Math.PI * (x + 0.5)) / nx) ** 2;
    }
  }
  return out;
}

function peakOf(correlation: Float64Array, height: number, width: number): Shift {
  const at = (y: number, x: number): number =>
    correlation[2 * (((y + height) % height) * width + ((x + width) % width))];
  let best = 0;
  let sum = 0;
  let square = 0;
  const n = height * width;
  for (let i = 0; i < n; i++) {
    const v = correlation[2 * i];
    sum += v;
    square += v * v;
    if (v > correlation[2 * best]) best = i;
  }
  const y = Math.floor(best / width);
  const x = best % width;
  const vertex = (left: number, centre: number, right: number): number => {
    const curvature = left - 2 * centre + right;
    return curvature < 0 ? (0.5 * (left - right)) / curvature : 0;
  };
  const dy = y + vertex(at(y - 1, x), at(y, x), at(y + 1, x));
  const dx = x + vertex(at(y, x - 1), at(y, x), at(y, x + 1));
  const spread = Math.sqrt(Math.max(square / n - (sum / n) ** 2, 0));
  return {
    dy: dy > height / 2 ? dy - height : dy,
    dx: dx > width / 2 ? dx - width : dx,
    significance: spread > 0 ? (at(y, x) - sum / n) / spread : 0,
    sigma: Infinity,
  };
}

/** An image moved by (dy, dx) pixels by bilinear interpolation: out(y, x) = image(y + dy, x + dx); NaN from outside. */
export function shifted(
  image: ArrayLike<number>,
  ny: number,
  nx: number,
  dy: number,
  dx: number,
): Float64Array {
  const out = new Float64Array(ny * nx).fill(NaN);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) out[y * nx + x] = sampleAt(image, ny, nx, y + dy, x + dx);
  }
  return out;
}

/** Bilinear value at a fractional pixel; NaN outside or beside a missing pixel that carries weight. */
export function sampleAt(image: ArrayLike<number>, ny: number, nx: number, y: number, x: number): number {
  if (y < -1e-9 || x < -1e-9 || y > ny - 1 + 1e-9 || x > nx - 1 + 1e-9) return NaN;
  const r = Math.min(Math.max(Math.floor(y), 0), Math.max(ny - 2, 0));
  const c = Math.min(Math.max(Math.floor(x), 0), Math.max(nx - 2, 0));
  const wy = Math.min(Math.max(y - r, 0), 1);
  const wx = Math.min(Math.max(x - c, 0), 1);
  let sum = 0;
  for (const [dr, dc, w] of [
    [0, 0, (1 - wy) * (1 - wx)],
    [0, 1, (1 - wy) * wx],
    [1, 0, wy * (1 - wx)],
    [1, 1, wy * wx],
  ]) {
    if (w > 1e-9) sum += w * image[Math.min(r + dr, ny - 1) * nx + Math.min(c + dc, nx - 1)];
  }
  return sum;
}

/**
 * An image on another grid whose first pixel lies at `origin_um` of this one. Where the new pixels are larger the old ones
 * are averaged over them, where they are smaller values are interpolated; NaN outside. Means are kept, not sums.
 */
export function resampled(
  image: ArrayLike<number>,
  from: Grid,
  to: Grid,
  origin_um: { x: number; y: number } = { x: 0, y: 0 },
): Float64Array {
  const out = new Float64Array(to.ny * to.nx);
  const ky = Math.max(1, Math.round(to.pixel_um.y / from.pixel_um.y));
  const kx = Math.max(1, Math.round(to.pixel_um.x / from.pixel_um.x));
  for (let r = 0; r < to.ny; r++) {
    for (let c = 0; c < to.nx; c++) {
      let sum = 0;
      let n = 0;
      for (let i = 0; i < ky; i++) {
        for (let j = 0; j < kx; j++) {
          const y = origin_um.y + (r + (i + 0.5) / ky - 0.5) * to.pixel_um.y;
          const x = origin_um.x + (c + (j + 0.5) / kx - 0.5) * to.pixel_um.x;
          const v = sampleAt(image, from.ny, from.nx, y / from.pixel_um.y, x / from.pixel_um.x);
          if (Number.isFinite(v)) {
            sum += v;
            n++;
          }
        }
      }
      out[r * to.nx + c] = n > 0 ? sum / n : NaN;
    }
  }
  return out;
}

export interface StackDrift {
  /** The images moved by whole pixels only: as noisy as the raw ones, so that fits can be compared. */
  wholePixels: EnergyStack | null;
  shifts: (Shift & { energy_eV: number })[];
  /** Largest trusted shift in pixels; below half a pixel nothing is moved. */
  largest: number;
  corrected: EnergyStack | null;
}

/**
 * Drift of the sample between the images of a stack, each against the image of highest energy (all are of one element
 * above its edge there). A shift is believed when its correlation peak stands out by 8 standard
 * deviations and it is five times its own uncertainty; images without structure move nothing.
 */
export function stackDrift(stack: EnergyStack): StackDrift {
  const { ny, nx } = stack.grid;
  const pixels = ny * nx;
  const count = stack.energies_eV.length;
  const image = (k: number): Float32Array | Float64Array => stack.data.subarray(k * pixels, (k + 1) * pixels);
  const part = (k: number): ArrayLike<number> => middle(image(k), ny, nx);
  const [py, px] = [Math.min(ny, largestPart), Math.min(nx, largestPart)];
  const reference = part(count - 1);
  const shifts = Array.from({ length: count }, (_, k) => ({
    energy_eV: stack.energies_eV[k],
    ...(k === count - 1
      ? { dx: 0, dy: 0, significance: Infinity, sigma: 0 }
      : phaseCorrelation(reference, part(k), py, px)),
  }));
  const trusted = (s: Shift): boolean => {
    const size = Math.hypot(s.dx, s.dy);
    return s.significance > 8 && s.sigma < 0.2 && size > 5 * s.sigma && size < 0.25 * Math.min(nx, ny);
  };
  const largest = shifts.reduce((m, s) => (trusted(s) ? Math.max(m, Math.hypot(s.dx, s.dy)) : m), 0);
  if (largest < 0.5) return { shifts, largest, corrected: null, wholePixels: null };
  const moved = (round: (v: number) => number): EnergyStack => {
    const data = new Float32Array(stack.data.length);
    shifts.forEach((s, k) => {
      data.set(trusted(s) ? shifted(image(k), ny, nx, round(s.dy), round(s.dx)) : image(k), k * pixels);
    });
    return { ...stack, data };
  };
  return { shifts, largest, corrected: moved((v) => v), wholePixels: moved(Math.round) };
}

/** Large images are compared by their middle. */
const largestPart = 512;

function middle(image: Float32Array | Float64Array, ny: number, nx: number): ArrayLike<number> {
  if (ny <= largestPart && nx <= largestPart) return image;
  const [py, px] = [Math.min(ny, largestPart), Math.min(nx, largestPart)];
  const [y0, x0] = [(ny - py) >> 1, (nx - px) >> 1];
  const out = new Float64Array(py * px);
  for (let y = 0; y < py; y++) for (let x = 0; x < px; x++) out[y * px + x] = image[(y + y0) * nx + x + x0];
  return out;
}
