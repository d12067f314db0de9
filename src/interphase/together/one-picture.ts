import type { ElementImage, Grid, Measured } from '../../measurement.js';

/** A point of a spectrum, with the region of the map that it lies in. */
export interface PlacedPoint {
  label: string;
  x_um: number;
  y_um: number;
  /** null outside the map or where nothing was measured. */
  region: string | null;
  probability: number | null;
  /** Distance to the nearest boundary line (um), positive; null without boundaries. */
  toBoundary_um: number | null;
}

export interface MapRegions {
  grid: Grid;
  names: string[];
  /** Region per pixel; an index outside `names` marks a pixel that was not measured. */
  labels: Uint8Array;
  probability: Float64Array;
}

export interface MapLine {
  name: string;
  x_um: Float64Array;
  y_um: Float64Array;
}

/** Places points on a map by their coordinates; `offset_um` is added to them first. */
export function placePoints(
  points: readonly { label: string; x_um: number; y_um: number }[],
  map: MapRegions,
  lines: readonly MapLine[],
  offset_um = { x: 0, y: 0 },
): PlacedPoint[] {
  return points.map(({ label, x_um, y_um }) => {
    const x = x_um + offset_um.x;
    const y = y_um + offset_um.y;
    const column = Math.round(x / map.grid.pixel_um.x);
    const row = Math.round(y / map.grid.pixel_um.y);
    const inside = column >= 0 && row >= 0 && column < map.grid.nx && row < map.grid.ny;
    const i = row * map.grid.nx + column;
    const region = inside ? (map.names[map.labels[i]] ?? null) : null;
    const distances = lines.flatMap((line) =>
      Array.from(line.x_um, (lx, k) => Math.hypot(lx - x, line.y_um[k] - y)),
    );
    return {
      label,
      x_um: x,
      y_um: y,
      region,
      probability: region === null ? null : map.probability[i],
      toBoundary_um: distances.length > 0 ? Math.min(...distances) : null,
    };
  });
}

/** A straight scan on the map: positions along it are counted from `origin_um`, at `angle_deg` from x towards y. */
export interface ScanPath {
  origin_um: { x: number; y: number };
  angle_deg: number;
}

export interface ScanPlacement {
  path: ScanPath;
  /** Scatter of the boundaries that set the offset; null when one boundary alone did, or none is seen by both. */
  mismatch_um: number | null;
  /** Boundaries that both methods see. */
  shared: string[];
}

/**
 * A path that is known from the stage's coordinates: nothing is fitted, and what the boundaries that both methods see miss
 * each other by along it (root mean square) is the mismatch.
 */
export function givenPath(
  scan: readonly { name: string; position_um: number }[],
  map: readonly MapLine[],
  path: ScanPath,
): ScanPlacement {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((path.angle_deg * Math.PI) / 180));
  const shared: string[] = [];
  let square = 0;
  for (const { name, position_um } of scan) {
    const line = map.find((b) => b.name === name);
    // The map's boundary turned into the scan's own coordinates: along it, and across it.
    const along = line?.x_um.map(
      (x, k) => (x - path.origin_um.x) * cos + (line.y_um[k] - path.origin_um.y) * sin,
    );
    const across = line?.x_um.map(
      (x, k) => (line.y_um[k] - path.origin_um.y) * cos - (x - path.origin_um.x) * sin,
    );
    if (!line || !along || !across) continue;
    const at = crossing(
      { name, x_um: along, y_um: across, sigma_um: new Float64Array(along.length) },
      'x',
      0,
    );
    if (!at) continue;
    shared.push(name);
    square += (at.position_um - position_um) ** 2;
  }
  return { path, mismatch_um: shared.length > 0 ? Math.sqrt(square / shared.length) : null, shared };
}

/** A boundary of the map as a line, with the error of each of its points across it. */
export interface MapBoundary extends MapLine {
  sigma_um: Float64Array;
}

/**
 * Where a line scan lies across the layers of a map: its own boundary positions and the crossings of the map's boundaries
 * of the same name with the path give the offset along the line (weighted by their errors), and their order its
 * direction. The path runs along `axis` and crosses the other axis at `across_um`. Null where no shared boundary crosses it.
 * What two boundaries leave over is the mismatch between the methods, which is reported and not averaged away.
 */
export function placeScan(
  scan: readonly { name: string; position_um: number; sigma_um: number }[],
  map: readonly MapBoundary[],
  axis: 'x' | 'y',
  across_um: number,
): ScanPlacement | null {
  const crossed = map.flatMap((line) => {
    const at = crossing(line, axis, across_um);
    return at ? [{ name: line.name, ...at }] : [];
  });
  const shared = scan.flatMap((s) => {
    const m = crossed.find((b) => b.name === s.name);
    const weight = m ? 1 / (s.sigma_um ** 2 + m.sigma_um ** 2 + 1e-6) : 0;
    return m ? [{ name: s.name, scan: s.position_um, map: m.position_um, weight }] : [];
  });
  if (shared.length === 0) return null;
  const first = shared[0];
  const last = shared[shared.length - 1];
  const sign =
    shared.length > 1
      ? Math.sign((last.map - first.map) * (last.scan - first.scan)) || 1
      : directionByOrder(scan, crossed);
  const total = shared.reduce((s, b) => s + b.weight, 0);
  const offset = shared.reduce((s, b) => s + b.weight * (b.map - sign * b.scan), 0) / total;
  const mismatch =
    shared.length > 1
      ? Math.sqrt(shared.reduce((s, b) => s + (b.map - sign * b.scan - offset) ** 2, 0) / (shared.length - 1))
      : null;
  const angle = axis === 'x' ? (sign > 0 ? 0 : 180) : sign > 0 ? 90 : -90;
  return {
    path: {
      origin_um: axis === 'x' ? { x: offset, y: across_um } : { x: across_um, y: offset },
      angle_deg: angle,
    },
    mismatch_um: mismatch,
    shared: shared.map((b) => b.name),
  };
}

/**
 * Where a boundary crosses the path. A line that turns back crosses it several times: the mean of the crossings then,
 * and their spread is part of the error.
 */
function crossing(
  line: MapBoundary,
  axis: 'x' | 'y',
  across_um: number,
): { position_um: number; sigma_um: number } | null {
  const [position, across] = axis === 'x' ? [line.x_um, line.y_um] : [line.y_um, line.x_um];
  const at: number[] = [];
  let variance = 0;
  for (let k = 1; k < across.length; k++) {
    const [from, to] = [across[k - 1], across[k]];
    // The end of a piece belongs to the next one, so that a crossing at a point of the line counts once.
    const last = k === across.length - 1 && to === across_um;
    if (from === to || (!last && from <= across_um === to <= across_um)) continue;
    const t = (across_um - from) / (to - from);
    at.push(position[k - 1] + t * (position[k] - position[k - 1]));
    variance += (line.sigma_um[k - 1] + t * (line.sigma_um[k] - line.sigma_um[k - 1])) ** 2;
  }
  if (at.length === 0) return null;
  const mean = at.reduce((s, v) => s + v, 0) / at.length;
  const spread = at.reduce((s, v) => s + (v - mean) ** 2, 0) / at.length;
  return { position_um: mean, sigma_um: Math.sqrt(variance / at.length + spread) };
}

/** Boundaries are named from the anode outwards: a scan or map that meets them in that order starts at the anode. */
function directionByOrder(
  scan: readonly { position_um: number }[],
  map: readonly { position_um: number }[],
): number {
  const rising = (values: number[]): number =>
    values.length > 1 ? Math.sign(values[values.length - 1] - values[0]) || 1 : 1;
  return rising(scan.map((s) => s.position_um)) * rising(map.map((m) => m.position_um));
}

export interface ElementProfile {
  element: string;
  position_um: Float64Array;
  value: Float64Array;
  sigma: Float64Array;
}

/** Elements along a scan's path: means over a strip of `width_um` across it, with the standard error of the counts. */
export function profilesAlong(
  images: readonly ElementImage[],
  grid: Grid,
  path: ScanPath,
  positions_um: Float64Array,
  width_um: number,
): ElementProfile[] {
  const cos = Math.cos((path.angle_deg * Math.PI) / 180);
  const sin = Math.sin((path.angle_deg * Math.PI) / 180);
  const step = Math.min(grid.pixel_um.x, grid.pixel_um.y);
  const half = Math.max(0, Math.floor(width_um / 2 / step));
  return images.map(({ element, values, sigma }) => {
    const value = new Float64Array(positions_um.length).fill(Number.NaN);
    const error = new Float64Array(positions_um.length).fill(Number.NaN);
    positions_um.forEach((s, k) => {
      let sum = 0;
      let variance = 0;
      let n = 0;
      for (let w = -half; w <= half; w++) {
        const x = path.origin_um.x + s * cos - w * step * sin;
        const y = path.origin_um.y + s * sin + w * step * cos;
        const column = Math.round(x / grid.pixel_um.x);
        const row = Math.round(y / grid.pixel_um.y);
        if (column < 0 || row < 0 || column >= grid.nx || row >= grid.ny) continue;
        const v = values[row * grid.nx + column];
        if (!Number.isFinite(v)) continue;
        sum += v;
        variance += sigma ? sigma[row * grid.nx + column] ** 2 : Math.max(v, 1);
        n++;
      }
      if (n > 0) {
        value[k] = sum / n;
        error[k] = Math.sqrt(variance) / n;
      }
    });
    return { element, position_um: positions_um, value, sigma: error };
  });
}

/** One method's answer to how thick the AEI is. */
export interface MethodThickness {
  method: string;
  thickness_um: Measured | null;
  present: boolean | null;
}

/**
 * The AEI by method, side by side. Methods see different things (diffraction a crystalline composition, fluorescence an
 * element), so their thicknesses are never averaged; pairs that differ by more than three standard deviations are named.
 */
export function compareMethods(methods: readonly MethodThickness[]): string[] {
  const told = methods.map(({ method, thickness_um, present }) =>
    thickness_um
      ? `${method} ${thickness_um.value.toFixed(1)} ± ${thickness_um.sigma.toFixed(1)} um`
      : `${method} ${present === false ? 'no AEI' : 'cannot tell'}`,
  );
  if (methods.length < 2) return [];
  const out = [`AEI thickness by method (not averaged): ${told.join('; ')}.`];
  for (let i = 0; i < methods.length; i++) {
    for (let j = i + 1; j < methods.length; j++) {
      const [a, b] = [methods[i], methods[j]];
      if (a.thickness_um && b.thickness_um) {
        const apart =
          Math.abs(a.thickness_um.value - b.thickness_um.value) /
          Math.hypot(a.thickness_um.sigma, b.thickness_um.sigma);
        if (apart > 3)
          out.push(
            `${a.method} and ${b.method} differ by ${apart.toFixed(1)} standard deviations: they do not measure the same thing, or not at the same place.`,
          );
      } else if (a.present !== null && b.present !== null && a.present !== b.present)
        out.push(`${a.method} and ${b.method} disagree on whether there is an AEI.`);
    }
  }
  return out;
}
