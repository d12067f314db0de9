import { levenbergMarquardt } from 'ml-levenberg-marquardt';

/**
 * One damped step of the Levenberg-Marquardt engine on the reduced, column-scaled problem
 * min |c - R s|^2 + damping |s|^2. The reduction by QR leaves as many points as parameters, so the engine's
 * cost does not grow with the number of measured points, and unit columns make its damping Marquardt's.
 * The engine's `weights` are never used: its step and its acceptance test read them differently.
 * @param r p x p row-major, only rows and columns of free parameters filled
 * @param c reduced residual, length p
 * @returns the step, or null if the engine found none
 */
export function dampedStep(r: Float64Array, c: Float64Array, damping: number): Float64Array | null {
  const p = c.length;
  // The engine wants two points at least; an extra point 0 = 0 changes nothing.
  const points = Math.max(p, 2);
  const x = Array.from({ length: points }, (_, i) => i);
  const y = x.map((i) => (i < p ? c[i]! : 0));
  const rows = x.map((i) =>
    i < p ? Array.from(r.subarray(i * p, i * p + p)) : new Array<number>(p).fill(0),
  );
  const model = (s: number[]) => (i: number) => {
    const row = rows[i]!;
    let sum = 0;
    for (let j = 0; j < p; j++) sum += row[j]! * s[j]!;
    return sum;
  };
  try {
    const { parameterValues } = levenbergMarquardt({ x, y }, model, {
      initialValues: new Array<number>(p).fill(0),
      jacobianFunction: () => (i: number) => rows[i]!,
      damping,
      maxIterations: 1,
      errorTolerance: 0,
      // Its defaults are the safe integers, and bounds are the caller's to keep.
      minValues: new Array<number>(p).fill(-Number.MAX_VALUE),
      maxValues: new Array<number>(p).fill(Number.MAX_VALUE),
    });
    return parameterValues.every(Number.isFinite) ? Float64Array.from(parameterValues) : null;
  } catch {
    return null;
  }
}
