/**
 * Minimum of a function of a few parameters without derivatives (Nelder and Mead, Comput. J. 7 (1965) 308), for fits whose
 * inner part is a non-negative one and so has kinks. `scale` is the first step in each parameter.
 */
export function minimize(
  f: (p: Float64Array) => number,
  start: ArrayLike<number>,
  scale: ArrayLike<number>,
  iterations = 200,
): Float64Array {
  const n = start.length;
  const points: { p: Float64Array; value: number }[] = Array.from({ length: n + 1 }, (_, i) => {
    const p: Float64Array = Float64Array.from(start);
    if (i > 0) p[i - 1] += scale[i - 1];
    return { p, value: f(p) };
  });
  const along = (from: Float64Array, centre: Float64Array, t: number): { p: Float64Array; value: number } => {
    const p = centre.map((c, i) => c + t * (c - from[i]));
    return { p, value: f(p) };
  };
  for (let round = 0; round < iterations; round++) {
    points.sort((a, b) => a.value - b.value);
    const worst = points[n];
    if (Math.abs(worst.value - points[0].value) < 1e-9 * (Math.abs(points[0].value) + 1e-12)) break;
    const centre = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) centre[j] += points[i].p[j] / n;
    const mirrored = along(worst.p, centre, 1);
    if (mirrored.value < points[0].value) {
      const further = along(worst.p, centre, 2);
      points[n] = further.value < mirrored.value ? further : mirrored;
    } else if (mirrored.value < points[n - 1].value) points[n] = mirrored;
    else {
      const inner = along(worst.p, centre, mirrored.value < worst.value ? 0.5 : -0.5);
      if (inner.value < Math.min(worst.value, mirrored.value)) points[n] = inner;
      else {
        for (let i = 1; i <= n; i++) {
          const p = points[i].p.map((v, j) => (v + points[0].p[j]) / 2);
          points[i] = { p, value: f(p) };
        }
      }
    }
  }
  points.sort((a, b) => a.value - b.value);
  return points[0].p;
}
