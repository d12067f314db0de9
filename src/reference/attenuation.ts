/**
 * Attenuation of X-rays. Source: W. T. Elam, B. D. Ravel, J. R. Sieber, Radiat. Phys. Chem. 63 (2002) 121
 * (cubic splines in ln E, 100 eV to 1 MeV), as carried by XrayDB.
 */
import { InputError } from '../errors.js';
import text from './data/cross-sections.js';
import { element as elementOf } from './elements.js';
import { type Composition, massFractions, parseFormula } from './formula.js';
import { lazyTable } from './table.js';

export type AttenuationKind = 'total' | 'photo' | 'coherent' | 'incoherent';

/** ln E, ln photo, spline; ln E, ln coherent, spline, ln incoherent, spline. */
const table = lazyTable<number[][]>(text);

const LOWEST_EV = 100;
const HIGHEST_EV = 800_000;

/** Cubic spline with given second derivatives. At a double knot (an edge) the value of the side of `x` is taken. */
function spline(knots: number[], values: number[], second: number[], x: number): number {
  // first knot above x; edges are pairs of equal knots, and the empty interval between them is never chosen
  let top = knots.length - 1;
  let low = 0;
  while (low < top) {
    const middle = (low + top) >> 1;
    if (knots[middle]! > x) top = middle;
    else low = middle + 1;
  }
  const hi = Math.max(1, low);
  const lo = hi - 1;
  const width = knots[hi]! - knots[lo]!;
  const a = (knots[hi]! - x) / width;
  const b = 1 - a;
  return (
    a * values[lo]! +
    b * values[hi]! +
    ((width * width) / 6) * ((a * a - 1) * a * second[lo]! + (b * b - 1) * b * second[hi]!)
  );
}

/**
 * Mass attenuation coefficient (cm2/g) of an element at an energy (eV).
 * Throws InputError for an unknown element and for energies outside 100 eV to 800 keV.
 */
export function massAttenuation_cm2_g(
  element: string | number,
  energy_eV: number,
  kind: AttenuationKind = 'total',
): number {
  if (!(energy_eV >= LOWEST_EV && energy_eV <= HIGHEST_EV))
    throw new InputError(
      `no attenuation is tabulated at ${energy_eV} eV`,
      null,
      `the tables run from ${LOWEST_EV} to ${HIGHEST_EV} eV; is the energy in eV?`,
    );
  const [photoE, photo, photoSpline, scatterE, coherent, coherentSpline, incoherent, incoherentSpline] =
    table()[elementOf(element).symbol]! as [
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
    ];
  const lnE = Math.log(energy_eV);
  let sum = 0;
  if (kind === 'total' || kind === 'photo') sum += Math.exp(spline(photoE, photo, photoSpline, lnE));
  if (kind === 'total' || kind === 'coherent')
    sum += Math.exp(spline(scatterE, coherent, coherentSpline, lnE));
  if (kind === 'total' || kind === 'incoherent')
    sum += Math.exp(spline(scatterE, incoherent, incoherentSpline, lnE));
  return sum;
}

/** Photoabsorption alone (cm2/g); see massAttenuation_cm2_g. */
export const photoAbsorption_cm2_g = (element: string | number, energy_eV: number): number =>
  massAttenuation_cm2_g(element, energy_eV, 'photo');

/** Mass attenuation coefficient (cm2/g) of a compound: the sum over its elements, weighted with their mass fractions. */
export function compoundAttenuation_cm2_g(
  formula: string | Composition,
  energy_eV: number,
  kind: AttenuationKind = 'total',
): number {
  const composition = typeof formula === 'string' ? parseFormula(formula) : formula;
  let sum = 0;
  for (const [symbol, fraction] of massFractions(composition))
    sum += fraction * massAttenuation_cm2_g(symbol, energy_eV, kind);
  return sum;
}

/** Depth (um) at which the intensity has fallen to 1/e: 73 um for Li3YCl6 (2.40 g/cm3) at 10 keV. */
export const attenuationLength_um = (
  formula: string | Composition,
  density_g_cm3: number,
  energy_eV: number,
): number => 1e4 / (compoundAttenuation_cm2_g(formula, energy_eV) * density_g_cm3);
