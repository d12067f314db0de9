/**
 * How clearly a signal rises at an edge: the jump between straight lines through the points before and behind it, over
 * the scatter about them. It decides only whether a channel is worth using; 0 where it cannot be told.
 */
export function edgeClarity(energies: Float64Array, signal: Float64Array, edge_eV: number): number {
  const before = lineThrough(energies, signal, edge_eV - 150, edge_eV - 10, edge_eV);
  const behind = lineThrough(energies, signal, edge_eV + 15, edge_eV + 200, edge_eV);
  if (before === null || behind === null) return 0;
  const scatter = Math.hypot(before.scatter, 1e-12 * Math.abs(behind.value));
  return scatter > 0 ? (behind.value - before.value) / scatter : 0;
}

/** Value of the least-squares line at `at`, and the scatter from point to point (which slow structure hardly raises). */
function lineThrough(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  at: number,
): { value: number; scatter: number } | null {
  const points: [number, number][] = [];
  for (let i = 0; i < x.length; i++) {
    if (x[i]! >= from && x[i]! <= to && Number.isFinite(y[i]!)) points.push([x[i]! - at, y[i]!]);
  }
  if (points.length < 4) return null;
  const n = points.length;
  const meanX = points.reduce((sum, [px]) => sum + px, 0) / n;
  const meanY = points.reduce((sum, [, py]) => sum + py, 0) / n;
  let [sxx, sxy] = [0, 0];
  for (const [px, py] of points) {
    sxx += (px - meanX) ** 2;
    sxy += (px - meanX) * (py - meanY);
  }
  const slope = sxx > 0 ? sxy / sxx : 0;
  const jumps = points
    .slice(1)
    .map(([, py], i) => Math.abs(py - points[i]![1]))
    .sort((a, b) => a - b);
  return { value: meanY - slope * meanX, scatter: jumps[Math.floor(jumps.length / 2)]! };
}
