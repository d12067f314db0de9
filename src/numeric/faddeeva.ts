/**
 * The Faddeeva function w(z) = exp(-z^2) erfc(-i z) for Im z >= 0, absolute error below 1e-12.
 * Source: Weideman, SIAM J. Numer. Anal. 31 (1994) 1497 (rational expansion, N = 40); Gautschi's continued
 * fraction (SIAM J. Numer. Anal. 7 (1970) 187) far out.
 */

const TERMS = 40;
const SCALE = Math.sqrt(TERMS / Math.SQRT2);
let coefficients: Float64Array | null = null;

/** Fourier coefficients of exp(-t^2)(L^2 + t^2) on t = L tan(theta/2). */
function expansion(): Float64Array {
  const points = 4 * TERMS;
  const out = new Float64Array(TERMS);
  for (let k = -points + 1; k < points; k++) {
    const theta = (k * Math.PI) / points;
    const t = SCALE * Math.tan(theta / 2);
    const f = Math.exp(-t * t) * (SCALE * SCALE + t * t);
    for (let n = 0; n < TERMS; n++) out[n]! += (f * Math.cos((n + 1) * theta)) / (2 * points);
  }
  return out;
}

/** Writes Re w and Im w of z = x + i y (y >= 0) into `out`. */
export function faddeeva(x: number, y: number, out: Float64Array): void {
  if (x * x + y * y > 144) {
    farAway(x, y, out);
    return;
  }
  coefficients ??= expansion();
  // Z = (L + i z)/(L - i z), with i z = -y + i x.
  const denominator = (SCALE + y) ** 2 + x * x;
  const zr = ((SCALE - y) * (SCALE + y) - x * x) / denominator;
  const zi = (2 * SCALE * x) / denominator;
  let pr = 0;
  let pi = 0;
  for (let n = TERMS - 1; n >= 0; n--) {
    const next = pr * zr - pi * zi + coefficients[n]!;
    pi = pr * zi + pi * zr;
    pr = next;
  }
  // w = 2 p / (L - i z)^2 + (1/sqrt(pi)) / (L - i z), where L - i z = (L + y) - i x.
  const ir = (SCALE + y) / denominator;
  const ii = x / denominator;
  const sr = ir * ir - ii * ii;
  const si = 2 * ir * ii;
  out[0] = 2 * (pr * sr - pi * si) + 0.5641895835477563 * ir;
  out[1] = 2 * (pr * si + pi * sr) + 0.5641895835477563 * ii;
}

/** Laplace's continued fraction: w = (i/sqrt(pi)) / (z - (1/2)/(z - 1/(z - (3/2)/(z - ...)))). */
function farAway(x: number, y: number, out: Float64Array): void {
  let r = x;
  let i = y;
  for (let k = 10; k >= 1; k--) {
    const size = r * r + i * i;
    const half = k / 2 / size;
    r = x - half * r;
    i = y + half * i;
  }
  const size = r * r + i * i;
  out[0] = (0.5641895835477563 * i) / size;
  out[1] = (0.5641895835477563 * r) / size;
}

const work = new Float64Array(2);

/** Voigt profile of unit area: Gaussian of standard deviation `sigma` convolved with a Lorentzian of half width `gamma`. */
export function voigt(x: number, sigma: number, gamma: number): number {
  if (sigma <= 0) return gamma / (Math.PI * (x * x + gamma * gamma));
  const scale = 1 / (sigma * Math.SQRT2);
  faddeeva(x * scale, Math.abs(gamma) * scale, work);
  return (work[0]! * scale) / Math.sqrt(Math.PI);
}

/** Full width at half maximum of a Voigt profile, to 0.02 % (Olivero and Longbothum, JQSRT 17 (1977) 233). */
export const voigtFwhm = (sigma: number, gamma: number): number => {
  const gauss = 2.354820045030949 * sigma;
  const lorentz = 2 * gamma;
  return 0.5346 * lorentz + Math.sqrt(0.2166 * lorentz * lorentz + gauss * gauss);
};
