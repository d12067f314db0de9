import { Random } from '../numeric/random.js';
import type { CutCell } from './cell.js';
import { yttriumOnTrueAxis } from './hard-xanes.js';
import type { Settings } from './settings.js';
import { shapeAt } from './xanes-shape.js';

export interface SimulatedStack {
  energies_eV: Float64Array;
  ny: number;
  nx: number;
  pixel_um: number;
  /** counts[(energy * ny + row) * nx + column]. */
  counts: Float64Array;
  truth: Record<string, unknown>;
}

/** Ten energies in a window of 100 eV about 17050 eV, as measured (not yet calibrated). */
const ENERGIES_EV = [17_000, 17_020, 17_032, 17_038, 17_044, 17_050, 17_054, 17_062, 17_080, 17_100];
/** Fluorescence and scatter below the edge, in edge steps. */
const PEDESTAL = 0.12;

/** Simulates the Y K energy stack: counts a pixel at ten energies, with an optional round patch of metallic yttrium. */
export function simulateStack(settings: Settings, cell: CutCell, seed: number): SimulatedStack {
  const { foil, trivalent } = yttriumOnTrueAxis();
  const [ny, nx, pixel] = [settings['stack.ny'], settings['stack.nx'], settings['stack.pixel']];
  const shift = settings['shift.y'];
  const metal = ENERGIES_EV.map((e) => shapeAt(foil, e + shift));
  const salt = ENERGIES_EV.map((e) => shapeAt(trivalent, e + shift));
  const random = new Random(seed, 'stack');
  const [px, py] = settings['stack.patch-at'];
  const patchPixels: number[] = [];
  const amount = new Float64Array(ny * nx);
  const share = new Float64Array(ny * nx);
  const anodeEnd = 0.2 * nx * pixel;
  for (let i = 0; i < ny * nx; i++) {
    const [x, y] = [(i % nx) * pixel, Math.floor(i / nx) * pixel];
    const beyond = 1 / (1 + Math.exp(-(x - anodeEnd) / 1.5));
    const dilution = cell.kind === 'in-on-y' && x < anodeEnd + cell.mapThickness_um ? 1 - cell.amount : 1;
    // Pores and grains make the thickness uneven.
    const uneven = settings.noise ? Math.exp(random.normal(0, 0.05)) : 1;
    amount[i] = settings['stack.counts'] * (0.08 + 0.92 * beyond * dilution) * uneven;
    if (settings['stack.patch'] > 0 && Math.hypot(x - px!, y - py!) <= settings['stack.patch-size'] / 2) {
      share[i] = settings['stack.patch'];
      patchPixels.push(i);
    }
  }
  const counts = new Float64Array(ENERGIES_EV.length * ny * nx);
  for (let e = 0; e < ENERGIES_EV.length; e++) {
    for (let i = 0; i < ny * nx; i++) {
      const expected = amount[i]! * (PEDESTAL + share[i]! * metal[e]! + (1 - share[i]!) * salt[e]!);
      counts[e * ny * nx + i] = settings.noise ? random.poisson(expected) : expected;
    }
  }
  return {
    energies_eV: Float64Array.from(ENERGIES_EV),
    ny,
    nx,
    pixel_um: pixel,
    counts,
    truth: {
      calibration_shift_eV: shift,
      components: [
        {
          name: 'Y metal',
          mean: share.reduce((a, b) => a + b, 0) / (ny * nx),
          patches:
            patchPixels.length === 0
              ? []
              : [
                  {
                    x_um: px,
                    y_um: py,
                    area_um2: patchPixels.length * pixel * pixel,
                    mean: settings['stack.patch'],
                  },
                ],
        },
      ],
    },
  };
}
