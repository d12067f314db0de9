import { larchE0 } from '../edge/larch-e0.js';
import { larchNormalization, type Normalization, type NormalizationChoices } from './larch-normalization.js';

/**
 * Normalisation with the defaults of Athena 0.9.26 (bruceravel/demeter, bkg and xanes configuration): pre-edge -150 to
 * -30 eV, post-edge +150 to 100 eV before the end with three terms (a parabola). Where the data end within 250 eV of the
 * edge, so that this range would be empty, its XANES mode: +15 eV to the end with two terms. Ranges are cut to the data.
 * The curves themselves are made by the Larch backend that Athena uses.
 *
 * @throws RangeError as larchNormalization
 */
export function athenaNormalization(
  energy: Float64Array,
  mu: Float64Array,
  choices: NormalizationChoices = {},
): Normalization {
  const e0 = choices.e0_eV ?? larchE0(energy, mu);
  const before = energy[0]! - e0;
  const after = energy[energy.length - 1]! - e0;
  const xanes = after < 250;
  const pre1 = Math.max(-150, before);
  const post = xanes
    ? { norm1_eV: Math.min(15, after / 2), norm2_eV: after, degree: 1 }
    : { norm1_eV: 150, norm2_eV: after - 100, degree: 2 };
  return larchNormalization(energy, mu, {
    e0_eV: e0,
    pre1_eV: pre1,
    pre2_eV: pre1 < -35 ? -30 : pre1 / 3,
    ...post,
    ...withoutUndefined(choices),
  });
}

const withoutUndefined = (choices: NormalizationChoices): NormalizationChoices =>
  Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined));
