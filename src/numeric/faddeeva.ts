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

/**
 * The Voigt profile with its derivatives by x, by sigma and by gamma, into `out` in this order. With z the argument of
 * the Faddeeva function, w' = -2 z w + 2i / sqrt(pi) and w'' = -2 w - 2 z w'; a Gaussian spreads as heat does, so the
 * derivative by sigma is sigma times the second derivative by x.
 */
export function voigtWithSlopes(x: number, sigma: number, gamma: number, out: Float64Array): void {
  const g = Math.abs(gamma);
  // A Gaussian that is narrow beside everything else enters by its square only.
  const s = Math.max(Math.abs(sigma), 1e-6 * Math.hypot(x, g));
  const scale = 1 / (s * Math.SQRT2);
  const height = scale / Math.sqrt(Math.PI);
  const zr = x * scale;
  const zi = g * scale;
  if (zr * zr + zi * zi > 1e4) farSlopes(zr, zi);
  else nearSlopes(zr, zi);
  out[0] = slopes[0]! * height;
  out[1] = slopes[1]! * height * scale;
  out[2] = sigma * slopes[3]! * height * scale * scale;
  out[3] = -slopes[2]! * height * scale * Math.sign(gamma || 1);
}

/** Re w, Re w', Im w', Re w''. */
const slopes = new Float64Array(4);

function nearSlopes(zr: number, zi: number): void {
  faddeeva(zr, zi, work);
  const wr = work[0]!;
  const wi = work[1]!;
  const dr = -2 * (zr * wr - zi * wi);
  const di = -2 * (zr * wi + zi * wr) + 1.1283791670955126;
  slopes[0] = wr;
  slopes[1] = dr;
  slopes[2] = di;
  slopes[3] = -2 * wr - 2 * (zr * dr - zi * di);
}

/** From w = i / sqrt(pi) (u + u^3/2 + 3 u^5/4 + 15 u^7/8), u = 1/z, where the exact rules would cancel. */
function farSlopes(zr: number, zi: number): void {
  const size = zr * zr + zi * zi;
  const ur = zr / size;
  const ui = -zi / size;
  const vr = ur * ur - ui * ui;
  const vi = 2 * ur * ui;
  const series = (a: number, b: number, c: number, d: number): [number, number] => {
    let r = d;
    let i = 0;
    for (const term of [c, b, a]) [r, i] = [r * vr - i * vi + term, r * vi + i * vr];
    return [r, i];
  };
  const times = ([r, i]: [number, number], x: number, y: number): [number, number] => [
    r * x - i * y,
    r * y + i * x,
  ];
  const inverseRootPi = 0.5641895835477563;
  const w = times(series(1, 0.5, 0.75, 1.875), ur, ui);
  const first = times(series(-1, -1.5, -3.75, -13.125), vr, vi);
  const second = times(times(series(2, 6, 22.5, 105), vr, vi), ur, ui);
  slopes[0] = -inverseRootPi * w[1];
  slopes[1] = -inverseRootPi * first[1];
  slopes[2] = inverseRootPi * first[0];
  slopes[3] = -inverseRootPi * second[1];
}
