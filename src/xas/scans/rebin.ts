import type { NoisyCurve } from '../edge/align.js';

/** Steps of a rebinned scan: eV below and about the edge, 1/angstrom above. */
export interface RebinOptions {
  e0_eV: number;
  /** The near edge, relative to e0. Default -30 to 50. */
  from_eV?: number;
  to_eV?: number;
  pre_eV?: number;
  xanes_eV?: number;
  exafs_k?: number;
}

/** (2 m_e / hbar^2) in 1/(eV A^2): E - e0 = k^2 / this. */
const K2_PER_EV = 0.2624682917;

/**
 * Averages the points of each bin, weighted by 1/sigma^2, at their weighted mean energy: nothing is interpolated, no
 * bin without points is invented, and the uncertainty is that of the mean (sigma / sqrt(n) for equal points), not the
 * spread of the points.
 */
export function rebin({ energy_eV, mu, sigma }: NoisyCurve, options: RebinOptions): NoisyCurve {
  const { e0_eV, from_eV = -30, to_eV = 50, pre_eV = 5, xanes_eV = 0.5, exafs_k = 0.05 } = options;
  const k0 = Math.sqrt(K2_PER_EV * to_eV);
  const binOf = (energy: number): number => {
    const e = energy - e0_eV;
    if (e < from_eV) return Math.floor((e - from_eV) / pre_eV);
    if (e <= to_eV) return Math.floor((e - from_eV) / xanes_eV);
    return 1e7 + Math.floor((Math.sqrt(K2_PER_EV * e) - k0) / exafs_k);
  };
  const out: { e: number; m: number; s: number }[] = [];
  let bin = Number.NaN;
  let weights = 0;
  let energy = 0;
  let sum = 0;
  const close = (): void => {
    if (weights > 0) out.push({ e: energy / weights, m: sum / weights, s: 1 / Math.sqrt(weights) });
    weights = 0;
    energy = 0;
    sum = 0;
  };
  for (let i = 0; i < mu.length; i++) {
    const here = binOf(energy_eV[i]!);
    if (here !== bin) {
      close();
      bin = here;
    }
    const w = 1 / sigma[i]! ** 2;
    if (!(w > 0)) continue;
    weights += w;
    energy += w * energy_eV[i]!;
    sum += w * mu[i]!;
  }
  close();
  return {
    energy_eV: Float64Array.from(out, ({ e }) => e),
    mu: Float64Array.from(out, ({ m }) => m),
    sigma: Float64Array.from(out, ({ s }) => s),
  };
}
