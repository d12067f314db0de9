import type { Integration } from '../measurement.js';
import { laueRotations } from '../xrd/crystal/group-parts.js';
import { buildLineTable, lineFamilies, lineIntensitiesAt } from '../xrd/crystal/line-table.js';
import type { PhaseStructure } from '../xrd/crystal/structure.js';
import type { SubstitutionKind } from '../xrd/crystal/substitution.js';
import { lorentzPolarisation } from '../xrd/pattern/lorentz-polarisation.js';
import { lineWidths, pseudoVoigt, pseudoVoigtShape, SHAPE, sizeToX } from '../xrd/pattern/profile.js';
import { marchDollase, textureCosines } from '../xrd/pattern/texture.js';

/** What the instrument does to every phase alike. */
export interface Instrument {
  wavelength_A: number;
  integration: Integration;
  /** Full width (degrees) of the Gaussian part near 30 degrees, and crystallite size. */
  fwhm_deg: number;
  size_um: number;
  zero_deg: number;
}

/** One phase as the simulator needs it: integrated line intensities per volume, and the shape of each line on the grid. */
export interface PhasePattern {
  name: string;
  twoTheta_deg: Float64Array;
  hkl: string[];
  /** Integrated intensity per unit volume, texture and Lorentz-polarisation included. */
  intensity: Float64Array;
  multiplicity: Float64Array;
  /** shape[line][point]: unit area in degrees. */
  shapes: Float64Array[];
}

export interface PhaseRecipe {
  name: string;
  structure: PhaseStructure;
  substitution: { kind: SubstitutionKind; amount: number } | null;
  march: number;
  /** Intensity times this: absorption relative to the electrolyte. */
  weight: number;
}

/**
 * Line intensities are m |F|^2 LP T / V^2 per unit of volume (e.g. International Tables C, 6.2), with March-Dollase
 * texture T along 001.
 */
export function phasePattern(
  recipe: PhaseRecipe,
  grid_deg: Float64Array,
  instrument: Instrument,
): PhasePattern {
  const { structure, substitution } = recipe;
  const first = grid_deg[0]!;
  const last = grid_deg[grid_deg.length - 1]!;
  const table = buildLineTable(structure, {
    wavelength_A: instrument.wavelength_A,
    // Lines just outside still send their tails in.
    twoThetaMin_deg: Math.max(1, first - 2),
    twoThetaMax_deg: Math.min(170, last + 2),
    ...(substitution ? { substitution: { kind: substitution.kind } } : {}),
  });
  const raw = lineIntensitiesAt(table, substitution?.amount ?? 0);
  const rotations = laueRotations(structure.operations);
  const { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg } = structure.cell;
  const cosines = textureCosines(
    [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg],
    lineFamilies(table).map((families) => equivalents(families[0]!.hkl, rotations)),
    [0, 0, 1],
  );
  const texture = { factor: 1, byR: 0 };
  const intensity = raw.map((value, i) => {
    marchDollase(recipe.march, cosines[i]!, texture);
    const lp = lorentzPolarisation(table.twoTheta_deg[i]!, { integration: instrument.integration });
    return (recipe.weight * value * texture.factor * lp) / table.cellVolume_A3 ** 2;
  });
  return {
    name: recipe.name,
    twoTheta_deg: table.twoTheta_deg,
    hkl: Array.from({ length: table.count }, (_, i) =>
      Array.from(table.hkl.subarray(3 * i, 3 * i + 3)).join(' '),
    ),
    intensity,
    multiplicity: table.multiplicity,
    shapes: Array.from(table.twoTheta_deg, (center) => lineShape(grid_deg, center, instrument)),
  };
}

type Hkl = readonly [number, number, number];

function equivalents([h, k, l]: Hkl, rotations: readonly (readonly number[])[]): Hkl[] {
  return rotations.map((r) => [
    h * r[0]! + k * r[3]! + l * r[6]!,
    h * r[1]! + k * r[4]! + l * r[7]!,
    h * r[2]! + k * r[5]! + l * r[8]!,
  ]);
}

const shape = new Float64Array(SHAPE.length);

function lineShape(grid_deg: Float64Array, center_deg: number, instrument: Instrument): Float64Array {
  const W = ((100 * instrument.fwhm_deg) / 2.3548200450309493) ** 2;
  const X = sizeToX(instrument.size_um, instrument.wavelength_A);
  // A mild Caglioti curve with its value W at 30 degrees, where tan(theta) = 0.268.
  const widths = { U: 0.15 * W, V: -0.0402 * W, W, X, Y: 0, Z: 0 };
  const { gauss_deg, lorentz_deg } = lineWidths(widths, center_deg);
  pseudoVoigtShape(gauss_deg, lorentz_deg, shape);
  const [H, eta] = [shape[SHAPE.H]!, shape[SHAPE.eta]!];
  const at = center_deg + instrument.zero_deg;
  return grid_deg.map((angle) => pseudoVoigt(angle - at, H, eta));
}
