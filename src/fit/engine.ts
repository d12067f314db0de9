import { type LevenbergMarquardtOptions, levenbergMarquardt } from 'ml-levenberg-marquardt';

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
  const { data, rows, model, options } = workspaceOf(p);
  for (let i = 0; i < p; i++) {
    data.y[i] = c[i]!;
    rows[i]!.set(r.subarray(i * p, i * p + p));
  }
  options.damping = damping;
  try {
    const { parameterValues } = levenbergMarquardt(data, model, options);
    return parameterValues.every(Number.isFinite) ? Float64Array.from(parameterValues) : null;
  } catch {
    return null;
  }
}

/** What the engine is given for so many parameters: made once, filled anew for each step. */
interface Workspace {
  data: { x: Float64Array; y: Float64Array };
  /** Rows of R: the model is linear, so they are its gradient too. */
  rows: Float64Array[];
  model: (s: ArrayLike<number>) => (i: number) => number;
  options: LevenbergMarquardtOptions;
}

const workspaces = new Map<number, Workspace>();

function workspaceOf(p: number): Workspace {
  let known = workspaces.get(p);
  if (!known) {
    known = makeWorkspace(p);
    workspaces.set(p, known);
  }
  return known;
}

function makeWorkspace(p: number): Workspace {
  // The engine wants two points at least; an extra point 0 = 0 changes nothing.
  const points = Math.max(p, 2);
  const rows = Array.from({ length: points }, () => new Float64Array(p));
  const gradient = (i: number) => rows[i] as ArrayLike<number> as number[];
  return {
    data: { x: Float64Array.from({ length: points }, (_, i) => i), y: new Float64Array(points) },
    rows,
    model: (s) => (i) => {
      const row = rows[i]!;
      let sum = 0;
      for (let j = 0; j < p; j++) sum += row[j]! * s[j]!;
      return sum;
    },
    options: {
      initialValues: new Float64Array(p),
      jacobianFunction: () => gradient,
      maxIterations: 1,
      errorTolerance: 0,
      // Its defaults are the safe integers, and bounds are the caller's to keep.
      minValues: new Float64Array(p).fill(-Number.MAX_VALUE),
      maxValues: new Float64Array(p).fill(Number.MAX_VALUE),
    },
  };
}
