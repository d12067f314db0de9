import type { LayerFrame } from './frame.js';
import { quantileOf, roughness } from './thickness.js';
import { deviation, meanOf } from './thickness-result.js';

export interface BoundaryLine {
  /** The layer nearer the anode first: 'anode|aei'. */
  name: string;
  /** The line on the map, with the standard uncertainty of each point across the layer. */
  x_um: Float64Array;
  y_um: Float64Array;
  sigma_um: Float64Array;
  /** Mean position along the map axis nearest to the direction across. */
  mean_um: number;
  meanSigma_um: number;
  interval95_um: [number, number];
  roughness_um: { value: number; sigma: number };
  correlationLength_um: number | null;
}

/** One boundary as it lies on the map, from its most probable line and draws of it (units of the frame). */
export function boundaryLine(
  name: string,
  frame: LayerFrame,
  line: Float64Array,
  draws: readonly Float64Array[],
): BoundaryLine {
  const { along_um, across_um } = frame;
  const held = [...line.keys()].filter((j) => frame.holds(j, line[j]));
  const points = held.length > 1 ? held : [...line.keys()];
  const at = (values: Float64Array): number[] =>
    points.map((j) => (frame.axis === 'x' ? frame.place(j, values[j]).x_um : frame.place(j, values[j]).y_um));
  const means = draws.map((z) => meanOf(at(z))).sort((p, q) => p - q);
  const rough = draws.map((z) => roughness(Float64Array.from(points, (j) => z[j] * across_um)));
  const correlation = rough.map((r) => r.correlation).filter((c) => c !== null);
  return {
    name,
    x_um: Float64Array.from(points, (j) => frame.place(j, line[j]).x_um),
    y_um: Float64Array.from(points, (j) => frame.place(j, line[j]).y_um),
    sigma_um: Float64Array.from(
      points,
      (j) => across_um * Math.sqrt(draws.reduce((t, z) => t + (z[j] - line[j]) ** 2, 0) / draws.length),
    ),
    mean_um: meanOf(at(line)),
    meanSigma_um: deviation(means),
    interval95_um: [quantileOf(means, 0.025), quantileOf(means, 0.975)],
    roughness_um: { value: meanOf(rough.map((r) => r.rms)), sigma: deviation(rough.map((r) => r.rms)) },
    correlationLength_um: correlation.length > rough.length / 2 ? meanOf(correlation) * along_um : null,
  };
}
