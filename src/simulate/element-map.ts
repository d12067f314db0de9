import type { ElementMap, Grid } from '../measurement.js';
import { erf } from '../numeric/error-function.js';
import { Random } from '../numeric/random.js';
import { mean, quantile, standardDeviation } from '../numeric/robust.js';
import type { CutCell } from './cell.js';
import type { Settings } from './settings.js';
import { normalThickness, type WavyLayer, wavyLayer } from './wavy-layer.js';

export interface SimulatedMap {
  map: ElementMap;
  truth: Record<string, unknown>;
}

/** Counts of a pixel full of one region, for 60 Y counts in the electrolyte. */
const REGION_COUNTS = {
  anode: { Y: 4, In: 70, Cl: 30 },
  aei: { Y: 52, In: 3, Cl: 800 },
  electrolyte: { Y: 60, In: 3, Cl: 900 },
  cathode: { Y: 14, In: 3, Cl: 240 },
};
/** In counts of the AEI for each unit of x (25 at x = 0.2). */
const INDIUM_PER_X = 110;

/** Simulates the XRF map of Y, In and Cl: counts a pixel, layers across x, wavy along y. */
export function simulateElementMap(settings: Settings, cell: CutCell, seed: number): SimulatedMap {
  const side = settings['map.pixel'];
  const grid: Grid = { nx: settings['map.nx'], ny: settings['map.ny'], pixel_um: { x: side, y: side } };
  const layer = wavyLayer(
    {
      height_um: (grid.ny + 2) * side,
      start_um: settings['map.start'],
      thickness_um: cell.mapThickness_um,
      roughness_um: settings['map.roughness'],
      variation_um: settings['map.variation'],
      correlation_um: settings['map.correlation'],
    },
    seed,
  );
  const cathode_um = settings['map.cathode'] ? 0.84 * grid.nx * side : Number.POSITIVE_INFINITY;
  const shares = regionShares(grid, layer, cathode_um, settings['map.blur']);
  const counts = regionCounts(cell);
  const elements = ['Y', 'In', 'Cl'] as const;
  const images = elements.map((element) => {
    const random = new Random(seed, `map ${element}`);
    const values = new Float64Array(grid.nx * grid.ny);
    for (let i = 0; i < values.length; i++) {
      let expected = 0;
      for (const [region, share] of Object.entries(shares))
        expected += share[i]! * counts[region as Region][element];
      expected *= settings['map.counts'] / REGION_COUNTS.electrolyte.Y;
      values[i] = settings.noise ? random.poisson(expected) : expected;
    }
    return { element, values, sigma: null };
  });
  return {
    map: { name: 'xrf', grid, incidentEnergy_eV: 2900, images },
    truth: { ...layerTruth(grid, layer, cell), cathode_um: Number.isFinite(cathode_um) ? cathode_um : null },
  };
}

type Region = keyof typeof REGION_COUNTS;

function regionCounts(cell: CutCell): typeof REGION_COUNTS {
  const { electrolyte, aei } = REGION_COUNTS;
  if (!cell.present) return { ...REGION_COUNTS, aei: electrolyte };
  const x = cell.kind === 'y-migration' ? 0 : cell.amount;
  const Y =
    cell.kind === 'in-on-y' ? electrolyte.Y * (1 - x) : cell.kind === 'y-migration' ? electrolyte.Y : aei.Y;
  return { ...REGION_COUNTS, aei: { Y, In: 3 + INDIUM_PER_X * x, Cl: aei.Cl } };
}

/** Share of each region in each pixel: the boundary blurred by beam and pixel, integrated over the pixel's rows. */
function regionShares(
  grid: Grid,
  layer: WavyLayer,
  cathode_um: number,
  blur_um: number,
): Record<Region, Float64Array> {
  const { nx, ny, pixel_um } = grid;
  const out = {
    anode: new Float64Array(nx * ny),
    aei: new Float64Array(nx * ny),
    electrolyte: new Float64Array(nx * ny),
    cathode: new Float64Array(nx * ny),
  };
  const sigma = Math.max(blur_um / 2.3548, 1e-3);
  const subRows = 5;
  for (let row = 0; row < ny; row++) {
    for (let sub = 0; sub < subRows; sub++) {
      // Coordinates start at the centre of the first pixel; the layer is known from half a pixel before it.
      const y = (row + (sub + 0.5) / subRows - 0.5) * pixel_um.y;
      const [first, second] = boundariesAt(layer, y + 0.5 * pixel_um.y);
      for (let column = 0; column < nx; column++) {
        const x = column * pixel_um.x;
        const i = row * nx + column;
        const beyondFirst = shareBeyond(x, first, pixel_um.x, sigma) / subRows;
        const beyondSecond = Math.min(shareBeyond(x, second, pixel_um.x, sigma) / subRows, beyondFirst);
        const beyondThird = Math.min(shareBeyond(x, cathode_um, pixel_um.x, sigma) / subRows, beyondSecond);
        out.anode[i]! += 1 / subRows - beyondFirst;
        out.aei[i]! += beyondFirst - beyondSecond;
        out.electrolyte[i]! += beyondSecond - beyondThird;
        out.cathode[i]! += beyondThird;
      }
    }
  }
  return out;
}

export function boundariesAt(layer: WavyLayer, y_um: number): [number, number] {
  const i = Math.min(Math.max(Math.round(y_um), 0), layer.y_um.length - 1);
  return [layer.first_um[i]!, layer.second_um[i]!];
}

/** Mean over a pixel of the Gaussian-blurred step at an edge: a difference of two integrals of the error function. */
function shareBeyond(center: number, edge: number, width: number, sigma: number): number {
  if (edge === Number.POSITIVE_INFINITY) return 0;
  const integral = (u: number) =>
    u * 0.5 * (1 + erf(u / (sigma * Math.SQRT2))) +
    (sigma / Math.sqrt(2 * Math.PI)) * Math.exp(-0.5 * (u / sigma) ** 2);
  const [a, b] = [center - width / 2 - edge, center + width / 2 - edge];
  if (b < -8 * sigma) return 0;
  if (a > 8 * sigma) return 1;
  return Math.min(1, Math.max(0, (integral(b) - integral(a)) / width));
}

/** Mean, roughness and thickness of the layer over the rows of the map. */
function layerTruth(grid: Grid, layer: WavyLayer, cell: CutCell): Record<string, unknown> {
  const rows = Math.round(grid.ny * grid.pixel_um.y);
  const inside = {
    y_um: layer.y_um,
    first_um: layer.first_um.slice(0, rows),
    second_um: layer.second_um.slice(0, rows),
  };
  const describe = (name: string, x: Float64Array) => ({
    name,
    axis: 'x',
    mean_um: mean(x),
    roughness_rms_um: standardDeviation(x),
  });
  if (!cell.present)
    return {
      boundaries: [describe('anode|electrolyte', inside.first_um)],
      aei_thickness_um: null,
    };
  const thickness = normalThickness(layer).slice(0, rows);
  return {
    boundaries: [describe('anode|aei', inside.first_um), describe('aei|electrolyte', inside.second_um)],
    aei_thickness_um: {
      mean: mean(thickness),
      median: quantile(thickness, 0.5),
      p5: quantile(thickness, 0.05),
      p95: quantile(thickness, 0.95),
    },
  };
}
