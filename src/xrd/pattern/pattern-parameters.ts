/**
 * Names, bounds and order of the parameters of a pattern model. Names read like a Rietveld program's:
 * `zero` and `displacement` (degrees of 2theta; the latter times cos theta), `U V W` (centideg^2), `X Y Z` (centideg),
 * `SH/L`, `background.0` …, and for each phase `<phase>.scale`, its free cell parameters (`<phase>.a`), `<phase>.B`
 * (angstrom^2, added to the structure's own), `<phase>.X`, `<phase>.Y` (its size and strain broadening on top of the
 * instrument's), `<phase>.texture` (March-Dollase r), its composition parameters (`<phase>.x`), and `<phase>.line.<n>`
 * (relative deviation of one line's intensity: grain statistics).
 */
import { type FreeCellParameter, freeCellParameters } from '../crystal/cell-metric.js';
import type { PhaseLines } from './phase-lines.js';

export interface PhaseSlots {
  scale: number;
  /** First of the free cell parameters. */
  cell: number;
  free: FreeCellParameter[];
  B: number;
  X: number;
  Y: number;
  texture: number;
  composition: number;
  compositionCount: number;
  /** Parameter index of each line's deviation, or -1. */
  line: Int32Array;
}

export interface ParameterTable {
  names: string[];
  start: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  background: number;
  backgroundTerms: number;
  phases: PhaseSlots[];
}

/** Order of the parameters of the whole pattern. */
export const GLOBAL = { zero: 0, displacement: 1, U: 2, V: 3, W: 4, X: 5, Y: 6, Z: 7, asymmetry: 8 } as const;
const GLOBAL_ROWS: [string, number, number, number][] = [
  ['zero', 0, -2, 2],
  ['displacement', 0, -2, 2],
  ['U', 0, 0, 1e6],
  ['V', 0, -1e6, 1e6],
  ['W', 25, 1e-3, 1e6],
  ['X', 0, 0, 1e4],
  ['Y', 0, 0, 1e4],
  ['Z', 0, 0, 1e4],
  ['SH/L', 0, 0, 0.5],
];

/** Relative room that cell lengths have around their start, and degrees that angles have. */
const CELL_ROOM = 0.03;
const ANGLE_ROOM_DEG = 3;

/** Lays out all parameters. `deviatingLines` lists, per phase, the lines that get a deviation of their own. */
export function parameterTable(
  phases: readonly PhaseLines[],
  backgroundTerms: number,
  deviatingLines: readonly (readonly number[])[],
): ParameterTable {
  const rows: [string, number, number, number][] = GLOBAL_ROWS.map((row) => [...row]);
  const add = (name: string, start: number, low: number, high: number): number =>
    rows.push([name, start, low, high]) - 1;
  const background = rows.length;
  for (let n = 0; n < backgroundTerms; n++)
    add(`background.${n}`, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const slots = phases.map((phase): PhaseSlots => {
    const free = freeCellParameters(phase.system, phase.cell);
    const of = (name: string): string => `${phase.name}.${name}`;
    const scale = add(of('scale'), 1, 0, Number.POSITIVE_INFINITY);
    const cell = rows.length;
    for (const { name, drives } of free) {
      const value = phase.cell[drives[0]!]!;
      const room = drives[0]! < 3 ? value * CELL_ROOM : ANGLE_ROOM_DEG;
      add(of(name), value, value - room, value + room);
    }
    const B = add(of('B'), 0, -3, 15);
    const X = add(of('X'), 0, 0, 1e3);
    const Y = add(of('Y'), 0, 0, 1e3);
    const texture = add(of('texture'), 1, 0.2, 5);
    const composition = rows.length;
    for (const parameter of phase.intensities.parameters)
      add(of(parameter.name), parameter.value, parameter.min, parameter.max);
    const compositionCount = phase.intensities.parameters.length;
    const line = new Int32Array(phase.hkl.length).fill(-1);
    return { scale, cell, free, B, X, Y, texture, composition, compositionCount, line };
  });
  // Line deviations come last: the solver's matrix is sparse there.
  slots.forEach((slot, k) => {
    for (const line of deviatingLines[k] ?? [])
      slot.line[line] = add(`${phases[k]!.name}.line.${line}`, 0, -0.99, 50);
  });
  return {
    names: rows.map(([name]) => name),
    start: Float64Array.from(rows, ([, start]) => start),
    lower: Float64Array.from(rows, ([, , low]) => low),
    upper: Float64Array.from(rows, ([, , , high]) => high),
    background,
    backgroundTerms,
    phases: slots,
  };
}
