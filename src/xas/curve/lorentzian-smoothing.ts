import FFT from 'fft.js';

/**
 * Convolution with a unit-sum Lorentzian whose half width equals the step of the uniform grid that the data are put on:
 * linear interpolation to the grid, reflection by its whole length at both ends, convolution, linear interpolation back.
 * Same grid and padding as `smooth` of Larch 2026.3.1 (larch/math/utils.py); done by FFT instead of a direct sum.
 */
export function smoothLorentzian(x: Float64Array, y: Float64Array, step: number): Float64Array {
  const n = x.length;
  const low = step * Math.trunc((x[0]! - 5 * step) / step);
  const high = step * Math.trunc((x[n - 1]! + 5 * step) / step);
  const count = Math.min(1 + Math.trunc(Math.abs(high - low + step * 0.1) / step), 50 * n);
  const spacing = (high - low) / (count - 1);
  const { fft, size, window, signal, spectrum } = workspace(count);

  // Position 0 of `signal` holds the first grid point of the left reflection: y[count-1] … y[1], y[0] … y[count-1], y[count-1] … y[0].
  const origin = count - 1;
  let left = 0;
  for (let k = 0; k < count; k++) {
    const at = low + k * spacing;
    while (left < n - 2 && x[left + 1]! < at) left++;
    const x0 = x[left]!;
    const x1 = x[left + 1]!;
    const value =
      at <= x[0]!
        ? y[0]!
        : at >= x[n - 1]!
          ? y[n - 1]!
          : y[left]! + ((y[left + 1]! - y[left]!) / (x1 - x0)) * (at - x0);
    signal[origin + k] = value;
    if (k > 0) signal[origin - k] = value;
    signal[origin + 2 * count - 1 - k] = value;
  }
  signal.fill(0, 3 * count - 1);

  fft.realTransform(spectrum, signal);
  // The window is symmetric about its origin but for one point at -count, so its transform is complex. The product's
  // Hartley transform, Re - Im, is real and its own inverse: another real transform leads back at half the cost.
  for (let k = 0; k <= size; k += 2) {
    const re = spectrum[k]! * window[k]! - spectrum[k + 1]! * window[k + 1]!;
    const im = spectrum[k]! * window[k + 1]! + spectrum[k + 1]! * window[k]!;
    signal[k / 2] = re - im;
    if (k > 0) signal[size - k / 2] = re + im;
  }
  fft.realTransform(spectrum, signal);
  const smooth = (m: number): number => {
    const k = m <= size / 2 ? m : size - m;
    const im = spectrum[2 * k + 1]!;
    return (spectrum[2 * k]! - (m <= size / 2 ? im : -im)) / size;
  };

  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const k = Math.min(Math.max(0, Math.floor((x[i]! - low) / spacing)), count - 2);
    const a = smooth(origin + k);
    const b = smooth(origin + k + 1);
    out[i] = a + ((b - a) * (x[i]! - (low + k * spacing))) / spacing;
  }
  return out;
}

interface Workspace {
  fft: FFT;
  size: number;
  /** Transform of the window, which depends on the number of grid points alone. */
  window: number[];
  signal: Float64Array;
  spectrum: number[];
}

const workspaces = new Map<number, Workspace>();
function workspace(count: number): Workspace {
  const known = workspaces.get(count);
  if (known) return known;
  let size = 2;
  while (size < 3 * count) size *= 2;
  const fft = new FFT(size);
  const window = fft.createComplexArray();
  const kernel = new Float64Array(size);
  let sum = 0;
  for (let m = -count; m < count; m++) {
    const value = 1 / (1 + m * m);
    sum += value;
    kernel[(m + size) % size] = value;
  }
  for (let i = 0; i < size; i++) kernel[i] = kernel[i]! / sum;
  fft.realTransform(window, kernel);
  const made = { fft, size, window, signal: new Float64Array(size), spectrum: fft.createComplexArray() };
  if (workspaces.size > 32) workspaces.clear();
  workspaces.set(count, made);
  return made;
}
