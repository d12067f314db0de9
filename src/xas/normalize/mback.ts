import { linearLeastSquares } from '../../fit/linear.js';
import { photoAbsorption_cm2_g } from '../../reference/attenuation.js';
import { element as elementOf } from '../../reference/elements.js';
import { rangeWithin } from '../curve/grid.js';
import { fitPolynomial, polynomialAt } from '../curve/polynomial.js';

export interface MbackOptions {
  e0_eV: number;
  /** Ranges relative to e0 that are matched to the table. */
  pre_eV: [number, number];
  post_eV: [number, number];
  /** Degree of the background, 0 to 6. Default 3. */
  degree?: number;
}

export interface Mback {
  /** Absorption on the scale of f'', in electrons: scale * mu - background. */
  f2: Float64Array;
  /** Tabulated f'' of the element on the same energies. */
  tabulated: Float64Array;
  background: Float64Array;
  scale: number;
  norm: Float64Array;
  edgeStep: number;
}

/** 2 h c r_e in eV cm2 (CODATA 2018): sigma = 2 h c r_e f'' / E. */
const TWO_HC_RE_EV_CM2 = 2 * 12398.41984332e-8 * 2.8179403262e-13;
const AVOGADRO = 6.02214076e23;

/** f'' of an element from its tabulated photoabsorption, f'' = E sigma / (2 h c r_e). */
export const f2FromPhotoAbsorption = (element: string, energy_eV: number): number =>
  (energy_eV * photoAbsorption_cm2_g(element, energy_eV) * elementOf(element).molarMass_g_mol) /
  AVOGADRO /
  TWO_HC_RE_EV_CM2;

/**
 * MBACK (T.-C. Weng, G. S. Waldo, J. E. Penner-Hahn, J. Synchrotron Rad. 12 (2005) 506): scale and background that
 * bring mu onto the tabulated absorption below and above the edge, each range weighing the same whatever its number of
 * points. The norm is (f2 - pre) / step with `pre` the tabulated absorption below the edge continued as a power of E.
 * Both parts are linear in scale and background, so the result is exact and needs no start values.
 *
 * @throws RangeError where a range holds fewer than 3 points
 */
export function mback(
  energy: Float64Array,
  mu: Float64Array,
  element: string,
  edge_eV: number,
  { e0_eV, pre_eV, post_eV, degree = 3 }: MbackOptions,
): Mback {
  const n = energy.length;
  // The table's edge is moved to e0, since a chemical shift is no part of the background.
  const tabulated = energy.map((e) =>
    f2FromPhotoAbsorption(
      element,
      e < e0_eV ? Math.min(e - e0_eV + edge_eV, edge_eV - 0.01) : e - e0_eV + edge_eV + 0.01,
    ),
  );
  const ranges = [pre_eV, post_eV].map(([from, to]) => rangeWithin(energy, e0_eV + from, e0_eV + to));
  const rows: number[] = [];
  const weight: number[] = [];
  for (const [from, to] of ranges) {
    if (to! - from! < 3) throw new RangeError('a range of MBACK holds fewer than 3 points');
    for (let i = from!; i < to!; i++) {
      rows.push(i);
      weight.push(Math.sqrt(to! - from!));
    }
  }
  const half = (energy[n - 1]! - energy[0]!) / 2;
  const scaled = (i: number): number => (energy[i]! - e0_eV) / half;
  const columns = [Float64Array.from(rows, (i) => mu[i]!)];
  for (let k = 0; k <= degree; k++) columns.push(Float64Array.from(rows, (i) => -(scaled(i) ** k)));
  const fit = linearLeastSquares({
    columns,
    y: Float64Array.from(rows, (i) => tabulated[i]!),
    sigma: Float64Array.from(weight),
  });
  const scale = fit.coefficients[0]!;
  const background = energy.map((_, i) => {
    let value = 0;
    for (let k = 0; k <= degree; k++) value += fit.coefficients[k + 1]! * scaled(i) ** k;
    return value;
  });
  const f2 = mu.map((value, i) => scale * value - background[i]!);
  const pre = continuedPre(energy, tabulated, e0_eV);
  const edgeStep = f2FromPhotoAbsorption(element, edge_eV + 0.01) - pre(e0_eV);
  const norm = f2.map((value, i) => (value - pre(energy[i]!)) / edgeStep);
  return { f2, tabulated, background, scale, norm, edgeStep: edgeStep / scale };
}

/** The table below the edge as a power of the energy, on all energies. */
function continuedPre(energy: Float64Array, tabulated: Float64Array, e0: number): (e: number) => number {
  const [, to] = rangeWithin(energy, 0, e0 - 1e-6);
  const lnE = energy.map(Math.log);
  const lnF = tabulated.map(Math.log);
  const line = fitPolynomial(lnE, lnF, 0, Math.max(1, to), 1);
  return (e) => Math.exp(polynomialAt(line, Math.log(e)));
}
