/**
 * Form factors by interpolation: a cubic between values and slopes of f0 on a grid of s^2, filled where it is asked for,
 * costs a fraction of the sum of exponentials. The error of such a cubic is at most h^4 |f0''''| / 384; the narrowest
 * Gaussians of the tables (b near 200 angstrom^2, amplitude near 1) make it 4e-6 of an electron.
 */
import { type FormFactor, type FormFactorSet, formFactor, formFactorAt } from './form-factors.js';

/** Spacing of the grid, 1/angstrom^2, as its inverse. */
const PER_UNIT = 1024;
/** Intervals that are filled at once. */
const BLOCK = 32;
/** The tables end at s = 6; what lies beyond is computed as it is asked for. */
const LARGEST_S2 = 36;

export class FormFactorCurve {
  /** Value and slope (by interval) at each node, for the nodes of the blocks that were needed. */
  private nodes: Float64Array = new Float64Array(0);

  constructor(readonly factor: FormFactor) {}

  /** f0 at each s^2 (1/angstrom^2), into `out`. */
  fill(s2: Float64Array, out: Float64Array): void {
    let nodes = this.nodes;
    for (let j = 0; j < out.length; j++) {
      const place = s2[j]! * PER_UNIT;
      if (!(place < LARGEST_S2 * PER_UNIT)) {
        out[j] = formFactorAt(this.factor, s2[j]!);
        continue;
      }
      const i = place | 0;
      const at = 2 * i;
      if (at + 4 > nodes.length) nodes = this.extendTo(i + 1);
      const t = place - i;
      const y0 = nodes[at]!;
      const m0 = nodes[at + 1]!;
      const m1 = nodes[at + 3]!;
      const rise = nodes[at + 2]! - y0;
      out[j] = y0 + t * (m0 + t * (3 * rise - 2 * m0 - m1 + t * (m0 + m1 - 2 * rise)));
    }
  }

  private extendTo(node: number): Float64Array {
    const had = this.nodes.length / 2;
    const nodes = new Float64Array(2 * BLOCK * (Math.floor(node / BLOCK) + 1));
    nodes.set(this.nodes);
    for (let i = had; i < nodes.length / 2; i++) {
      nodes[2 * i] = formFactorAt(this.factor, i / PER_UNIT);
      nodes[2 * i + 1] = slopeAt(this.factor, i / PER_UNIT) / PER_UNIT;
    }
    this.nodes = nodes;
    return nodes;
  }
}

function slopeAt({ amplitudes, widths }: FormFactor, s2: number): number {
  let sum = 0;
  for (let i = 0; i < amplitudes.length; i++) sum -= amplitudes[i]! * widths[i]! * Math.exp(-widths[i]! * s2);
  return sum;
}

const curves = new Map<FormFactorSet, Map<string, Map<number, FormFactorCurve>>>();

/** The curve of an atom or ion, made once. Throws InputError for an element without a form factor. */
export function formFactorCurve(
  element: string,
  charge: number,
  set: FormFactorSet = 'waasmaier-kirfel',
): FormFactorCurve {
  const known = curves.get(set)?.get(element)?.get(charge);
  if (known) return known;
  const curve = new FormFactorCurve(formFactor(element, charge, set));
  const ofSet = curves.get(set) ?? new Map<string, Map<number, FormFactorCurve>>();
  const ofElement = ofSet.get(element) ?? new Map<number, FormFactorCurve>();
  curves.set(set, ofSet.set(element, ofElement.set(charge, curve)));
  return curve;
}
