import { pixelStep } from './pixel-step.js';

/** A sharp edge between two materials as a map shows it. */
export interface PlainEdge {
  /** Levels of anode and electrolyte in counts, by element. */
  anode: Float64Array;
  electrolyte: Float64Array;
  /** Dispersion by element. */
  phi: Float64Array;
  /** Index of In among the elements. */
  indium: number;
  /** Blur (standard deviation) in units across. */
  sigma: number;
  /** Number of lines across the edge, and of pixels of the map. */
  lines: number;
  pixels: number;
}

/**
 * The thinnest layer (units across) of electrolyte with a quarter of the anode's indium that two edges would describe
 * better than one by 10 in BIC: the expected difference of deviance without noise, with the single edge put where it
 * fits best. Null when 8 units would not be seen.
 */
export function thinnestSeen(edge: PlainEdge): number | null {
  const penalty = (edge.anode.length + 2) * Math.log(Math.max(edge.pixels, 2)) + 20;
  for (const d of [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8])
    if (edge.lines * devianceOf(d, edge) > penalty) return d;
  return null;
}

/** Deviance per line that the best single edge leaves of a layer of thickness `d`. */
function devianceOf(d: number, { anode, electrolyte, phi, indium, sigma }: PlainEdge): number {
  const reach = Math.ceil(2 + 6 * sigma);
  const out = new Float64Array(3);
  const rise = (x: number): number => {
    pixelStep(x, sigma, 1, 0, out);
    return out[0];
  };
  let least = Infinity;
  for (let shift = 0; shift <= 1; shift += 0.05) {
    let deviance = 0;
    for (let s = -reach; s <= reach + d; s++) {
      const [first, last, single] = [rise(s), rise(s - d), rise(s - shift * d)];
      for (let e = 0; e < anode.length; e++) {
        const layer = electrolyte[e] + (e === indium ? 0.25 * (anode[e] - electrolyte[e]) : 0);
        const truth = Math.max((1 - first) * anode[e] + (first - last) * layer + last * electrolyte[e], 0.01);
        const model = Math.max((1 - single) * anode[e] + single * electrolyte[e], 0.01);
        deviance += (2 * (truth * Math.log(truth / model) - truth + model)) / phi[e];
      }
    }
    least = Math.min(least, deviance);
  }
  return least;
}
