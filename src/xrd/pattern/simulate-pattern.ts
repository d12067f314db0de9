/**
 * A powder pattern from structures: the same model that the refinement fits (pattern-model.ts), run forward.
 */
import { InputError } from '../../errors.js';
import { buildLineTable, type LineTable, lineIntensitiesAt } from '../crystal/line-table.js';
import type { PhaseStructure } from '../crystal/structure.js';
import type { ScatteringOptions } from '../crystal/structure-factor.js';
import type { Substitution } from '../crystal/substitution.js';
import { type AbsorptionGeometry, absorptionFactor } from './absorption.js';
import type { LineState } from './line-states.js';
import { type LorentzPolarisationOptions, lorentzPolarisation } from './lorentz-polarisation.js';
import { PatternModel } from './pattern-model.js';
import { type InstrumentWidths, sizeToX, strainToY } from './profile.js';
import type { Wavelength } from './radiation.js';
import { phaseFromTable } from './structure-phase.js';

export interface SimulatedPhase {
  structure: PhaseStructure;
  /** Share of the weight of all phases; they are normalised. */
  weight?: number;
  substitution?: Substitution;
  /** Amount of the substitution, x per formula unit. */
  amount?: number;
  /** March-Dollase coefficient (1: none, below 1: plates) and axis hkl. */
  texture?: { r: number; axis: readonly [number, number, number] };
  /** Lorentzian broadening by crystallite size and by strain (full width of delta d / d times 1e6). */
  size_um?: number;
  microstrain?: number;
}

export interface SimulationOptions
  extends LorentzPolarisationOptions,
    Pick<ScatteringOptions, 'formFactors' | 'dispersion' | 'debyeWaller' | 'B_A2'> {
  /** One wavelength (angstrom), or several with weights (K-alpha doublets). */
  wavelength_A: number | readonly Wavelength[];
  /** Ascending angles (degrees) at which the pattern is computed. */
  twoTheta_deg: Float64Array;
  widths?: Partial<InstrumentWidths>;
  /** Axial asymmetry (S + H) / L of Finger, Cox and Jephcoat. */
  asymmetry?: number;
  zero_deg?: number;
  /** Sample displaced along the beam's normal in flat-plate geometry: shift of -2 s cos(theta) / R. */
  displacement?: { offset_um: number; radius_mm: number };
  absorption?: AbsorptionGeometry;
  /** Chebyshev coefficients of the background (counts) over the range. */
  background?: readonly number[];
  /** Height of the strongest line over the background; default 100. */
  peakHeight?: number;
}

export interface SimulatedPattern {
  twoTheta_deg: Float64Array;
  /** Sum of background and phases. */
  intensity: Float64Array;
  background: Float64Array;
  phases: { name: string; curve: Float64Array; weightFraction: number; table: LineTable; amount: number }[];
  /** Every line on the grid, in order of angle. */
  lines: LineState[];
}

/** Lines beyond the ends still reach into the range with their tails. */
const MARGIN_DEG = 3;

/**
 * Simulates a pattern. Heights are in counts, with the strongest line at `peakHeight`; phases stand to each other by
 * weight: a phase's scale is weight / (Z M V), since its lines go as scale * m |F|^2 (Hill and Howard,
 * J. Appl. Cryst. 20 (1987) 467). Throws InputError for impossible settings.
 */
export function simulatePattern(
  phases: readonly SimulatedPhase[],
  options: SimulationOptions,
): SimulatedPattern {
  const grid = options.twoTheta_deg;
  checkGrid(grid);
  if (phases.length === 0) throw new InputError('no phase to simulate', null, 'name at least one');
  const wavelengths = wavelengthsOf(options);
  const tables = phases.map((phase) => tableOf(phase, options, wavelengths));
  const names = uniqueNames(phases.map(({ structure }) => structure.name));
  const model = new PatternModel(
    grid,
    tables.map((table, i) => phaseFromTable(names[i]!, table, { compositionName: null })),
    {
      wavelengths,
      lorentzPolarisation: (angle) =>
        lorentzPolarisation(angle, options) *
        (options.absorption ? absorptionFactor(angle, options.absorption) : 1),
      backgroundTerms: Math.max(1, options.background?.length ?? 0),
      textureAxes: Object.fromEntries(
        phases.flatMap(({ texture }, i) => (texture ? [[names[i]!, texture.axis]] : [])),
      ),
    },
  );
  const p = Float64Array.from(model.parameters.start);
  setInstrument(model, p, options);
  const weights = normalized(phases.map(({ weight }) => weight ?? 1));
  phases.forEach((phase, i) => {
    const set = (name: string, value: number) => {
      p[model.indexOf(`${names[i]}.${name}`)] = value;
    };
    const table = tables[i]!;
    set('scale', weights[i]! / (table.Z * table.formulaMass * table.cellVolume_A3));
    if (phase.size_um !== undefined) set('X', sizeToX(phase.size_um, wavelengths[0]!.lambda_A));
    if (phase.microstrain !== undefined) set('Y', strainToY(phase.microstrain));
    if (phase.texture) set('texture', phase.texture.r);
  });
  return assemble(model, p, options, phases, tables, names, weights);
}

function assemble(
  model: PatternModel,
  p: Float64Array,
  options: SimulationOptions,
  phases: readonly SimulatedPhase[],
  tables: LineTable[],
  names: string[],
  weights: number[],
): SimulatedPattern {
  const n = model.twoTheta_deg.length;
  const curves = names.map((_, i) => {
    const curve = new Float64Array(n);
    model.phaseCurve(p, i, curve);
    return curve;
  });
  const intensity = new Float64Array(n);
  for (const curve of curves) for (let i = 0; i < n; i++) intensity[i]! += curve[i]!;
  const top = intensity.reduce((a, b) => Math.max(a, b), 0);
  const factor = top > 0 ? (options.peakHeight ?? 100) / top : 1;
  const background = new Float64Array(n);
  options.background?.forEach((value, i) => {
    p[model.parameters.background + i] = value;
  });
  model.backgroundCurve(p, background);
  for (let i = 0; i < n; i++) intensity[i] = intensity[i]! * factor + background[i]!;
  for (const curve of curves) for (let i = 0; i < n; i++) curve[i]! *= factor;
  const lines = model.lines(p).map((line) => ({ ...line, area: line.area * factor }));
  return {
    twoTheta_deg: model.twoTheta_deg,
    intensity,
    background,
    phases: names.map((name, i) => ({
      name,
      curve: curves[i]!,
      weightFraction: weights[i]!,
      table: tables[i]!,
      amount: phases[i]!.amount ?? 0,
    })),
    lines: lines.sort((a, b) => a.twoTheta_deg - b.twoTheta_deg),
  };
}

/** The phase's lines at its amount, as a table without substitution. */
function tableOf(
  phase: SimulatedPhase,
  options: SimulationOptions,
  wavelengths: readonly Wavelength[],
): LineTable {
  const grid = options.twoTheta_deg;
  const table = buildLineTable(phase.structure, {
    wavelength_A: wavelengths[0]!.lambda_A,
    twoThetaMin_deg: Math.max(0.5, grid[0]! - MARGIN_DEG),
    twoThetaMax_deg: Math.min(179, grid[grid.length - 1]! + MARGIN_DEG),
    formFactors: options.formFactors,
    dispersion: options.dispersion,
    debyeWaller: options.debyeWaller,
    B_A2: options.B_A2,
    substitution: phase.substitution,
  });
  if (!phase.substitution) return table;
  const i0 = lineIntensitiesAt(table, phase.amount ?? 0);
  const none = new Float64Array(table.count);
  const amount = phase.amount ?? 0;
  const { massAt0, massSlope } = table.segments.find((s) => amount <= s.to + 1e-9)!;
  const mass = massAt0 + massSlope * amount;
  const segment = {
    from: 0,
    to: Number.POSITIVE_INFINITY,
    i0,
    i1: none,
    i2: none,
    massAt0: mass,
    massSlope: 0,
  };
  return { ...table, i0, i1: none, i2: none, xMax: segment.to, segments: [segment], formulaMass: mass };
}

function setInstrument(model: PatternModel, p: Float64Array, options: SimulationOptions): void {
  const set = (name: string, value: number | undefined) => {
    if (value !== undefined) p[model.indexOf(name)] = value;
  };
  for (const name of ['U', 'V', 'W', 'X', 'Y', 'Z'] as const) set(name, options.widths?.[name]);
  set('SH/L', options.asymmetry);
  set('zero', options.zero_deg);
  if (options.displacement) {
    const { offset_um, radius_mm } = options.displacement;
    set('displacement', ((-2 * offset_um) / (1000 * radius_mm)) * (180 / Math.PI));
  }
}

function wavelengthsOf({ wavelength_A }: SimulationOptions): Wavelength[] {
  return typeof wavelength_A === 'number' ? [{ lambda_A: wavelength_A, weight: 1 }] : [...wavelength_A];
}

function checkGrid(grid: Float64Array): void {
  if (grid.length < 2) throw new InputError('the pattern has fewer than two points');
  if (!(grid[0]! >= 0 && grid[grid.length - 1]! <= 180))
    throw new InputError('angles lie between 0 and 180 degrees');
}

function normalized(weights: number[]): number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  if (!(total > 0) || weights.some((w) => !(w >= 0)))
    throw new InputError('weights of phases must be positive numbers');
  return weights.map((w) => w / total);
}

/** Two phases may share a name (two compositions of one structure): the later ones get a number. */
function uniqueNames(names: string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** Angles from `from` to `to` (degrees), both included, at a step. */
export function angleGrid(from_deg: number, to_deg: number, step_deg: number): Float64Array {
  const count = Math.round((to_deg - from_deg) / step_deg) + 1;
  if (!(step_deg > 0 && to_deg > from_deg && count <= 1_000_000))
    throw new InputError(`${from_deg} to ${to_deg} degrees in steps of ${step_deg} is no range of angles`);
  return Float64Array.from({ length: count }, (_, i) => from_deg + i * step_deg);
}

/** W (centideg^2) of a constant Gaussian width. */
export const widthToW = (fwhm_deg: number): number => ((100 * fwhm_deg) / 2.3548200450309493) ** 2;
