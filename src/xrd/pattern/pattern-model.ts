/**
 * The model of one powder pattern: background plus the lines of several phases, with analytic derivatives by every
 * parameter. Parameters and their names: pattern-parameters.ts. `evaluate` allocates nothing.
 *
 *   y(2theta) = sum_n b_n T_n(u) + sum_phases S sum_lines sum_wavelengths w I(x) e^(-2 B s^2) P(r) LP (1 + e) profile
 *
 * with I = m |F|^2, s = 1/(2d), P the March-Dollase factor, LP at the Bragg angle, e the line's deviation (grain
 * statistics). Lines stand at 2 asin(lambda / 2d) + zero + displacement cos(theta).
 *
 * For other engines (the coupled line-scan model): build one model per angle grid, set `vary`, call
 * `evaluate(p, curve, columns)`; `columns[j]` is d(curve)/dp_j for every j with vary[j] = 1, non-zero only on
 * supportStart[j] .. supportEnd[j]. Columns of linear parameters (background, scales) do not depend on their own values.
 */

import { chebyshevAbscissa, chebyshevBasis } from './background.js';
import { LineKernel, lowerBound, TailGrid } from './line-kernel.js';
import { LinePlace } from './line-place.js';
import { type LineState, lineRatios, lineStates } from './line-states.js';
import { GLOBAL, type ParameterTable, type PhaseSlots, parameterTable } from './pattern-parameters.js';
import type { PhaseLines } from './phase-lines.js';
import { type PhaseState, phaseState, updatePhase } from './phase-state.js';
import type { Wavelength } from './radiation.js';
import { marchDollase } from './texture.js';

export interface PatternModelOptions {
  wavelengths: Wavelength[];
  /** Lorentz-polarisation factor at a Bragg angle (see lorentz-polarisation.ts). */
  lorentzPolarisation: (twoTheta_deg: number) => number;
  backgroundTerms: number;
  /** Preferred axes by phase name; phases without one have no texture. */
  textureAxes?: Record<string, readonly [number, number, number]>;
  /** Lines, per phase, whose intensity may deviate from the structure's. */
  deviatingLines?: readonly (readonly number[])[];
  /** Finest line width expected (degrees): sets the coarse grid of the far tails. Default .04. */
  finestWidth_deg?: number;
}

const RAD = Math.PI / 180;
/** The column of a line's deviation ends this many widths from the line. */
const DEVIATION_WIDTHS = 5;
/** Parts of the strongest line (as m |F|^2) below which a line is left out, or gets no derivatives. */
const NEGLIGIBLE = 1e-6;
const DRAWN_ONLY = 3e-4;
/** Bounds of an additive deviation, in its units. */
const ADDITIVE_ROOM = 100;

export class PatternModel {
  readonly parameters: ParameterTable;
  /** 1 for parameters whose derivative columns are wanted. */
  readonly vary: Uint8Array;
  readonly supportStart: Int32Array;
  readonly supportEnd: Int32Array;
  readonly background: Float64Array[];
  private readonly index: Map<string, number>;
  private readonly phases: PhaseState[];
  readonly wavelengths: Wavelength[];
  private readonly kernel: LineKernel;
  private readonly tails: TailGrid;
  private readonly tailKernel: Float64Array;
  private readonly tailUnit: Float64Array;
  private readonly tailRows: Float64Array[];
  private readonly unit: Float64Array;
  private readonly place = new LinePlace();
  private readonly dq = new Float64Array(6);
  private readonly march = { factor: 1, byR: 0 };

  constructor(
    readonly twoTheta_deg: Float64Array,
    phases: readonly PhaseLines[],
    private readonly options: PatternModelOptions,
  ) {
    const n = twoTheta_deg.length;
    this.parameters = parameterTable(phases, options.backgroundTerms, options.deviatingLines ?? []);
    const P = this.parameters.names.length;
    this.vary = new Uint8Array(P);
    this.index = new Map(this.parameters.names.map((name, j) => [name, j]));
    this.supportStart = new Int32Array(P);
    this.supportEnd = new Int32Array(P).fill(n);
    this.background = chebyshevBasis(chebyshevAbscissa(twoTheta_deg), options.backgroundTerms);
    const total = options.wavelengths.reduce((sum, { weight }) => sum + weight, 0);
    this.wavelengths = options.wavelengths.map(({ lambda_A, weight }) => ({
      lambda_A,
      weight: weight / total,
    }));
    this.phases = phases.map((phase, k) =>
      phaseState(phase, this.parameters.phases[k]!, options.textureAxes?.[phase.name]),
    );
    const range = twoTheta_deg[n - 1]! - twoTheta_deg[0]!;
    const step = Math.max(range / 2000, 1.5 * (options.finestWidth_deg ?? 0.04));
    this.kernel = new LineKernel(twoTheta_deg, 2 * step);
    this.tails = new TailGrid(twoTheta_deg, step);
    this.tailKernel = new Float64Array(this.tails.nodes);
    this.tailUnit = new Float64Array(this.tails.nodes);
    this.tailRows = Array.from({ length: P }, () => new Float64Array(0));
    this.unit = new Float64Array(n);
  }

  /** Index of a parameter by its name, or -1. */
  indexOf(name: string): number {
    return this.index.get(name) ?? -1;
  }

  get phaseNames(): string[] {
    return this.phases.map(({ phase }) => phase.name);
  }

  hasTexture(phaseIndex: number): boolean {
    return this.phases[phaseIndex]!.cosines2 !== null;
  }

  /**
   * Makes the deviation of a line additive, in units of `reference` (as m |F|^2), instead of relative to the line's own
   * intensity: for lines that the structure may all but extinguish.
   */
  setReference(phaseIndex: number, line: number, reference: number): void {
    this.phases[phaseIndex]!.reference[line] = reference;
    const j = this.phases[phaseIndex]!.slots.line[line]!;
    this.parameters.lower[j] = -ADDITIVE_ROOM;
    this.parameters.upper[j] = ADDITIVE_ROOM;
  }

  /** Columns for `evaluate`, one a parameter. */
  createColumns(): Float64Array[] {
    return this.parameters.names.map(() => new Float64Array(this.twoTheta_deg.length));
  }

  /** Fills `curve` with the model, and the columns of varied parameters with its derivatives. */
  evaluate(p: Float64Array, curve: Float64Array, columns: Float64Array[] | null): void {
    this.addBackground(p, curve, columns);
    if (columns) {
      for (let j = 0; j < GLOBAL.asymmetry + 1; j++) if (this.vary[j]) columns[j]!.fill(0);
    }
    for (const state of this.phases) this.addPhase(state, p, curve, columns);
  }

  /** The refined background alone. */
  backgroundCurve(p: Float64Array, out: Float64Array): void {
    this.addBackground(p, out, null);
  }

  /** One phase's contribution alone. */
  phaseCurve(p: Float64Array, phaseIndex: number, out: Float64Array): void {
    out.fill(0);
    this.addPhase(this.phases[phaseIndex]!, p, out, null);
  }

  private addBackground(p: Float64Array, curve: Float64Array, columns: Float64Array[] | null): void {
    const { background: first } = this.parameters;
    curve.fill(0);
    this.background.forEach((basis, n) => {
      const b = p[first + n]!;
      for (let i = 0; i < curve.length; i++) curve[i] = curve[i]! + b * basis[i]!;
      if (columns && this.vary[first + n]) columns[first + n]!.set(basis);
    });
  }

  private addPhase(
    state: PhaseState,
    p: Float64Array,
    curve: Float64Array,
    columns: Float64Array[] | null,
  ): void {
    const { slots, phase, intensity } = state;
    const scale = p[slots.scale]!;
    if (scale === 0 && !(columns && this.vary[slots.scale])) {
      if (columns) this.clearPhase(slots, columns);
      return;
    }
    updatePhase(state, p);
    this.unit.fill(0);
    this.tailUnit.fill(0);
    const derivatives = columns !== null && scale > 0;
    const areaSlots = derivatives ? this.prepareColumns(slots, columns) : [];
    let largest = 0;
    for (const value of intensity) largest = Math.max(largest, value);
    for (let line = 0; line < phase.hkl.length; line++) {
      const own = slots.line[line]!;
      if (columns && own >= 0) this.clearDeviation(own, columns[own]!);
      const part = Number.isNaN(state.reference[line]!) ? intensity[line]! / largest : 1;
      // The weakest lines bend no parameter: they are drawn, not differentiated.
      if (part > NEGLIGIBLE)
        this.addLine(state, line, p, scale, derivatives && part > DRAWN_ONLY ? columns : null, areaSlots);
    }
    this.tails.addTo(this.tailUnit, this.unit);
    for (let i = 0; i < curve.length; i++) curve[i] = curve[i]! + scale * this.unit[i]!;
    if (!columns) return;
    if (this.vary[slots.scale]) columns[slots.scale]!.set(this.unit);
    for (const j of areaSlots) this.tails.addTo(this.tailRows[j]!, columns[j]!);
    if (!derivatives) this.clearPhase(slots, columns);
  }

  /** Zeroes the columns of a phase that is not there, all but its scale's. */
  private clearPhase(slots: PhaseSlots, columns: Float64Array[]): void {
    for (let j = slots.cell; j < slots.composition + slots.compositionCount; j++)
      if (this.vary[j]) columns[j]!.fill(0);
    for (const j of slots.line) if (j >= 0) this.clearDeviation(j, columns[j]!);
  }

  /** Clears the columns of a phase; returns the parameters that act on line areas. */
  private prepareColumns(slots: PhaseSlots, columns: Float64Array[]): number[] {
    const area: number[] = [];
    for (let j = slots.cell; j < slots.composition + slots.compositionCount; j++) {
      if (!this.vary[j]) continue;
      columns[j]!.fill(0);
      if (j !== slots.B && j !== slots.texture && j < slots.composition) continue;
      area.push(j);
      if (this.tailRows[j]!.length === 0) this.tailRows[j] = new Float64Array(this.tails.nodes);
      else this.tailRows[j]!.fill(0);
    }
    return area;
  }

  private clearDeviation(j: number, column: Float64Array): void {
    column.fill(0, this.supportStart[j], this.supportEnd[j]);
    this.supportStart[j] = this.supportEnd[j] = 0;
  }

  private addLine(
    state: PhaseState,
    line: number,
    p: Float64Array,
    scale: number,
    columns: Float64Array[] | null,
    areaSlots: number[],
  ): void {
    const { phase, slots, metric, intensity, cosines2, byComposition } = state;
    const { kernel, vary, dq, march } = this;
    const [h, k, l] = phase.hkl[line]!;
    const q = metric.q(h, k, l, columns ? dq : null);
    const debye = Math.exp((-p[slots.B]! * q) / 2);
    march.factor = 1;
    march.byR = 0;
    if (cosines2) marchDollase(p[slots.texture]!, cosines2[line]!, march);
    const own = slots.line[line]!;
    const reference = state.reference[line]!;
    const additive = own >= 0 && !Number.isNaN(reference);
    const deviation = own >= 0 && !additive ? 1 + p[own]! : 1;
    const sh = p[GLOBAL.asymmetry]!;
    for (const { lambda_A, weight } of this.wavelengths) {
      if (!this.place.set(q, lambda_A, p, slots)) continue;
      const { cos, tan, bragg_deg, position, variance, gauss, lorentz } = this.place;
      if (
        position < this.twoTheta_deg[0]! - 5 ||
        position > this.twoTheta_deg[this.twoTheta_deg.length - 1]! + 5
      )
        continue;
      const factor = weight * debye * march.factor * this.options.lorentzPolarisation(bragg_deg);
      const structural = factor * intensity[line]!;
      const unitArea = additive ? structural + factor * reference * p[own]! : structural * deviation;
      kernel.compute(position, gauss, lorentz, sh, columns !== null);
      addScaled(this.unit, kernel.start, kernel.end, kernel.short, unitArea);
      this.tails.fill(position, kernel.tailStrength, kernel.softening2, this.tailKernel);
      addScaled(this.tailUnit, 0, this.tails.nodes, this.tailKernel, unitArea);
      if (!columns) continue;
      const area = scale * unitArea;
      for (const j of areaSlots) {
        const rate =
          j === slots.B
            ? (area * -q) / 2
            : j === slots.texture
              ? (area * march.byR) / march.factor
              : scale * factor * deviation * byComposition[j - slots.composition]![line]!;
        addScaled(columns[j]!, kernel.start, kernel.end, kernel.short, rate);
        addScaled(this.tailRows[j]!, 0, this.tails.nodes, this.tailKernel, rate);
      }
      const add = (j: number, basis: Float64Array, rate: number): void => {
        if (vary[j]) addScaled(columns[j]!, kernel.start, kernel.end, basis, area * rate);
      };
      add(GLOBAL.zero, kernel.byPosition, 1);
      add(GLOBAL.displacement, kernel.byPosition, cos);
      const positionByQ = lambda_A / (2 * Math.sqrt(q) * cos * RAD);
      for (let j = 0; j < slots.free.length; j++)
        add(slots.cell + j, kernel.byPosition, positionByQ * dq[j]!);
      const gaussByVariance = gauss / (2 * variance);
      add(GLOBAL.U, kernel.byGauss, gaussByVariance * tan * tan);
      add(GLOBAL.V, kernel.byGauss, gaussByVariance * tan);
      add(GLOBAL.W, kernel.byGauss, gaussByVariance);
      add(GLOBAL.X, kernel.byLorentz, 0.01 / cos);
      add(GLOBAL.Y, kernel.byLorentz, 0.01 * tan);
      add(GLOBAL.Z, kernel.byLorentz, 0.01);
      add(slots.X, kernel.byLorentz, 0.01 / cos);
      add(slots.Y, kernel.byLorentz, 0.01 * tan);
      add(GLOBAL.asymmetry, kernel.byAsymmetry, 1);
      if (own >= 0 && vary[own])
        this.addDeviation(own, columns[own]!, position, scale * (additive ? factor * reference : structural));
    }
  }

  private addDeviation(j: number, column: Float64Array, position: number, area: number): void {
    const { kernel } = this;
    const reach = DEVIATION_WIDTHS * kernel.H;
    const from = Math.max(kernel.start, lowerBound(this.twoTheta_deg, position - reach));
    const to = Math.min(kernel.end, lowerBound(this.twoTheta_deg, position + reach));
    if (from >= to) return;
    for (let i = from; i < to; i++) column[i] = column[i]! + area * kernel.full[i - kernel.start]!;
    const empty = this.supportStart[j] === this.supportEnd[j];
    this.supportStart[j] = empty ? from : Math.min(this.supportStart[j]!, from);
    this.supportEnd[j] = empty ? to : Math.max(this.supportEnd[j]!, to);
  }

  /** Observed over calculated intensity of every line of one phase; see line-states.ts. */
  lineRatios(p: Float64Array, phaseIndex: number, ratio: Float64Array): Float64Array {
    return lineRatios(this, this.phases[phaseIndex]!, this.kernel, p, ratio);
  }

  /** Position, area and width of every line on the grid. */
  lines(p: Float64Array): LineState[] {
    const { twoTheta_deg, phases, wavelengths } = this;
    return lineStates(
      { twoTheta_deg, phases, wavelengths, lorentzPolarisation: this.options.lorentzPolarisation },
      p,
    );
  }
}

function addScaled(
  target: Float64Array,
  start: number,
  end: number,
  basis: Float64Array,
  factor: number,
): void {
  for (let i = start, at = 0; i < end; i++, at++) target[i] = target[i]! + factor * basis[at]!;
}
