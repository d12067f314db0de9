import { type LinearFit, linearLeastSquares } from '../../fit/linear.js';
import type { EnergyStack } from '../../measurement.js';
import { interpolateAt } from '../../numeric/interpolate.js';
import type { StackReference } from './stack-types.js';

/** What a stack needs of a normalised spectrum. */
export interface ReferenceSpectrum {
  label: string;
  energy_eV: Float64Array;
  norm: Float64Array;
  sigma: Float64Array;
}

/**
 * A normalised reference at the energies of a stack, by linear interpolation; its uncertainty is that of the two points
 * used. Energies outside the spectrum by no more than `margin_eV` take its end value (the pre-edge and the far
 * post-edge are flat); beyond that the reference is refused.
 * @throws RangeError naming the range when the stack reaches further
 */
export function referenceAt(
  spectrum: ReferenceSpectrum,
  energies_eV: Float64Array,
  margin_eV = 15,
): StackReference {
  const { energy_eV, norm, sigma } = spectrum;
  const first = energy_eV[0];
  const last = energy_eV[energy_eV.length - 1];
  const low = Math.min(...energies_eV);
  const high = Math.max(...energies_eV);
  if (low < first - margin_eV || high > last + margin_eV) {
    throw new RangeError(
      `reference ${spectrum.label} covers ${first.toFixed(0)} to ${last.toFixed(0)} eV, the stack ${low.toFixed(0)} to ${high.toFixed(0)} eV`,
    );
  }
  const held = energies_eV.map((e) => Math.min(Math.max(e, first), last));
  return {
    name: spectrum.label,
    norm: held.map((e) => interpolateAt(energy_eV, norm, e)),
    sigma: held.map((e) => interpolateAt(energy_eV, sigma, e)),
  };
}

export interface AxisOffset {
  /** To be added to the stack's energies so that they meet the references. */
  shift_eV: number;
  /** Root mean square misfit of the mean spectrum, in edge steps, as given and after the shift. */
  before: number;
  after: number;
}

/**
 * Offset between the energy axis of a stack and that of its references (a stack is often recorded on the raw axis of the
 * monochromator while spectra are calibrated): the shift at which the mean spectrum is best a mixture of the references
 * and a constant. Returns null unless the fit as given is poor (misfit above 1 % of the edge step) and the shift makes
 * it three times better, for a small shift cannot be told from a little of another species.
 */
export function axisOffset(
  mean: Float64Array,
  energies_eV: Float64Array,
  spectra: readonly ReferenceSpectrum[],
  reach_eV = 12,
): AxisOffset | null {
  const misfit = (shift: number): number => {
    const at = energies_eV.map((e) => e + shift);
    const columns = [
      ...spectra.map((s) => referenceAt(s, at, 15 + reach_eV).norm),
      new Float64Array(mean.length).fill(1),
    ];
    const fit = linearLeastSquares({ columns, y: mean });
    const step = fit.coefficients.slice(0, spectra.length).reduce((a, b) => a + b, 0);
    const scale = Math.max(Math.abs(step), 1e-3 * Math.max(...mean.map(Math.abs)));
    const wrong = fit.coefficients.slice(0, spectra.length).some((c) => c < -0.25 * scale);
    return wrong ? Infinity : Math.sqrt(fit.chi2 / Math.max(1, mean.length - columns.length)) / scale;
  };
  const before = misfit(0);
  if (before < 0.01) return null;
  let best = 0;
  let least = before;
  for (let s = -reach_eV; s <= reach_eV; s += 0.25) {
    const m = misfit(s);
    if (m < least) {
      least = m;
      best = s;
    }
  }
  for (let s = best - 0.25; s <= best + 0.25; s += 0.02) {
    const m = misfit(s);
    if (m < least) {
      least = m;
      best = s;
    }
  }
  return least * 3 < before && Math.abs(best) < reach_eV - 0.3
    ? { shift_eV: best, before, after: least }
    : null;
}

/** Mean of all measured pixels at each energy. */
export function meanSpectrum(stack: EnergyStack): Float64Array {
  const pixels = stack.grid.ny * stack.grid.nx;
  return stack.energies_eV.map((_, k) => {
    let sum = 0;
    let n = 0;
    for (let i = k * pixels; i < (k + 1) * pixels; i++) {
      if (Number.isFinite(stack.data[i])) {
        sum += stack.data[i];
        n++;
      }
    }
    return n > 0 ? sum / n : NaN;
  });
}

/** The energy axis of a stack against that of its references. */
export interface AxisFit {
  /** To be added to the stack's energies. */
  shift_eV: number;
  sigma_eV: number;
  /** What that uncertainty does to each reference's fraction of the mean spectrum. */
  fractionError: Float64Array;
}

/**
 * The small offset that is left between the axes: the mean spectrum as a mixture of the references, a constant and the
 * mixture's slope times the offset, with errors in proportion to the signal, and an offset of 0 +- `prior_eV` known
 * beforehand (Infinity for one that is not known). The less the energies tell an offset from a change of the fractions, the
 * more the prior holds it.
 */
export function fitAxis(
  mean: Float64Array,
  energies_eV: Float64Array,
  spectra: readonly ReferenceSpectrum[],
  prior_eV: number,
): AxisFit {
  const top = Math.max(...mean.map(Math.abs));
  const sigma = mean.map((y) => Math.max(Math.abs(y), top / 10));
  const mixtureAt = (shift: number, weighted = false): LinearFit => {
    const at = energies_eV.map((e) => e + shift);
    const columns = [...spectra.map((s) => referenceAt(s, at).norm), new Float64Array(mean.length).fill(1)];
    return linearLeastSquares(weighted ? { columns, y: mean, sigma } : { columns, y: mean });
  };
  const step = 0.25;
  const slopeAt = (shift: number, c: Float64Array): Float64Array =>
    energies_eV.map((e) =>
      spectra.reduce((s, spectrum, j) => {
        const [down, up] = referenceAt(spectrum, Float64Array.of(e + shift - step, e + shift + step)).norm;
        return s + (c[j] * (up - down)) / (2 * step);
      }, 0),
    );
  let shift = 0;
  let sigma_eV = prior_eV;
  for (let round = 0; round < 3; round++) {
    const { coefficients } = mixtureAt(shift, true);
    const at = energies_eV.map((e) => e + shift);
    const columns = [
      ...spectra.map((s) => referenceAt(s, at).norm),
      new Float64Array(mean.length).fill(1),
      slopeAt(shift, coefficients),
    ];
    const fit = linearLeastSquares({ columns, y: mean, sigma, scaleCovariance: 'always' });
    const own = fit.sigma[columns.length - 1];
    if (!(own > 0) || fit.degreesOfFreedom < 1)
      return { shift_eV: 0, sigma_eV, fractionError: errorBy(sigma_eV) };
    const told = 1 / (1 + (own / prior_eV) ** 2);
    shift = Math.max(-1, Math.min(1, told * (shift + fit.coefficients[columns.length - 1])));
    sigma_eV = own * Math.sqrt(told);
  }
  return { shift_eV: shift, sigma_eV, fractionError: errorBy(sigma_eV) };

  function errorBy(error_eV: number): Float64Array {
    const fractions = (at: number): Float64Array => {
      const c = mixtureAt(at).coefficients.slice(0, spectra.length);
      const total = c.reduce((a, b) => a + b, 0);
      return c.map((v) => v / total);
    };
    const [down, up] = [fractions(shift - step), fractions(shift + step)];
    return up.map((v, j) => Math.abs((error_eV * (v - down[j])) / (2 * step)));
  }
}
