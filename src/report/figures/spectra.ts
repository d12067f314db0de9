import { text } from '@observablehq/plot';
import type { ResultBundle } from '../../result.js';
import { upright } from '../drawing/bars.js';
import { curve } from '../drawing/curves.js';
import { textWidth } from '../drawing/legend.js';
import { extent, quantile } from '../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, SMALL, seriesColour } from '../drawing/theme.js';
import { type Figure, figure, slug } from '../figure.js';
import { byEdge, hasNumber, type Member, nearEdge, ordered, short } from './parts/edges.js';

/** Normalised spectra of each edge, offset, with their derivatives and edge energies. */
export const spectraStack = (bundle: ResultBundle): Figure[] =>
  [...byEdge(bundle)].map(([edge, members]) =>
    figure(
      `spectra-${slug(edge)}`,
      `${edge} edge`,
      'a: normalised absorption on the calibrated energy axis, offset (grey: calibrants and references). b: first ' +
        'derivatives, scaled to equal height; strokes: edge energies E0.',
      () => draw(ordered(members)),
    ),
  );

/** Distance of neighbours in a stack: as much as they need to keep apart, within these bounds. */
const CLOSEST = 0.7;
const FURTHEST = 1.3;
const GAP = 0.12;

function draw(members: Member[]): Drawing {
  const domain = nearEdge(members);
  const colours = colour(members);
  const offsets = stack(members, domain, members.length > 12 ? 0.45 : FURTHEST);
  const height = 110 + Math.min(46, 700 / members.length) * Math.max(4, members.length);
  const labels = members.map(({ curves }) => short(curves.label));
  const right = 12 + Math.max(...labels.map((label) => textWidth(label, SMALL)));
  const leftWidth = Math.round(DOUBLE_COLUMN * 0.56);
  const norm: Mark[] = [];
  const derivative: Mark[] = [];
  const peaks: number[] = [];
  members.forEach(({ curves, result }, i) => {
    const stroke = colours[i]!;
    norm.push(curve(curves.energy_eV, curves.norm, { stroke, width: 1.1, offset: offsets[i]! }));
    const near = within(curves.energy_eV, curves.derivative, domain);
    const peak = quantile(near.map(Math.abs), 1) || 1;
    peaks.push(peak);
    derivative.push(
      curve(curves.energy_eV, curves.derivative, { stroke, width: 0.9, factor: 0.9 / peak, offset: i }),
    );
    if (hasNumber(result?.e0_eV)) derivative.push(upright(result.e0_eV.value, i - 0.05, i + 0.98, INK));
  });
  norm.push(
    text(labels, {
      x: () => domain[1],
      y: (_: string, i: number) => lastValue(members[i]!, domain[1]) + offsets[i]!,
      text: (label: string) => label,
      dx: 5,
      textAnchor: 'start',
      fontSize: SMALL,
      fill: (_: string, i: number) => colours[i]!,
    } as never),
  );
  const values = members.map(({ curves }, i) =>
    within(curves.energy_eV, curves.norm, domain).map((y) => y + offsets[i]!),
  );
  const range = extent(...values) ?? [0, 1];
  const nearE0 = derivativeDomain(members, domain);
  const lastFifth: [number, number] = [nearE0[1] - 0.2 * (nearE0[1] - nearE0[0]), nearE0[1]];
  derivative.push(
    text(labels, {
      x: () => nearE0[1],
      y: (_: string, i: number) => {
        const { energy_eV, derivative } = members[i]!.curves;
        return i + (0.9 / peaks[i]!) * (extent(within(energy_eV, derivative, lastFifth))?.[1] ?? 0);
      },
      text: (label: string) => label,
      dx: -4,
      dy: -6,
      textAnchor: 'end',
      fontSize: SMALL,
      fill: (_: string, i: number) => colours[i]!,
      stroke: 'white',
      strokeWidth: 2,
    } as never),
  );
  const x = { domain, label: 'energy (eV)', tickFormat: 'd' };
  const a: Panel = {
    left: 0,
    top: 0,
    width: leftWidth,
    height,
    letter: 'a',
    margin: { left: 40, right, top: 10 },
    x: { ...x, ticks: 5 },
    y: { domain: [range[0] - 0.1, range[1] + 0.15], label: 'normalised absorption (offset)', ticks: 6 },
    marks: norm,
  };
  const b: Panel = {
    left: leftWidth,
    top: 0,
    width: DOUBLE_COLUMN - leftWidth,
    height,
    letter: 'b',
    margin: { left: 26, top: 10 },
    x: { ...x, domain: nearE0, ticks: 4 },
    y: { domain: [-0.6, members.length + 0.15], label: 'derivative (scaled, offset)', ticks: [] },
    marks: derivative,
  };
  return { height, panels: [a, b] };
}

/** Samples in colours, the rest in greys, so that the eye finds the samples. */
function colour(members: Member[]): string[] {
  let samples = 0;
  return members.map(({ result }) => (result && result.role !== 'sample' ? GREY : seriesColour(samples++)));
}

/** Offsets that let the curves of a stack touch as little as there is room for. */
function stack(members: Member[], [low, high]: [number, number], furthest: number): number[] {
  let offset = 0;
  return members.map(({ curves }, i) => {
    const below = members[i - 1]?.curves;
    if (below === undefined) return 0;
    const over = below.norm.map((y, k) => {
      const energy = below.energy_eV[k]!;
      return energy >= low && energy <= high ? y - at(curves.energy_eV, curves.norm, energy) : Number.NaN;
    });
    offset += Math.max(CLOSEST, Math.min(furthest, GAP + (extent(over)?.[1] ?? 0)));
    return offset;
  });
}

/** The value of a curve at x, by a straight line between its points; NaN outside. */
function at(x: Float64Array, y: Float64Array, where: number): number {
  const next = x.findIndex((one) => one >= where);
  if (next < 0) return Number.NaN;
  if (next === 0) return x[0] === where ? y[0]! : Number.NaN;
  const share = (where - x[next - 1]!) / (x[next]! - x[next - 1]!);
  return y[next - 1]! + share * (y[next]! - y[next - 1]!);
}

/** The edge itself, wider than any usual shift: derivatives say nothing further out. */
function derivativeDomain(members: Member[], domain: [number, number]): [number, number] {
  const edges = extent(members.map(({ result }) => result?.e0_eV?.value));
  return edges === null ? domain : [Math.max(domain[0], edges[0] - 12), Math.min(domain[1], edges[1] + 18)];
}

const within = (x: Float64Array, y: Float64Array, [low, high]: [number, number]): Float64Array =>
  y.filter((_, i) => x[i]! >= low && x[i]! <= high);

function lastValue({ curves }: Member, limit: number): number {
  for (let i = curves.energy_eV.length - 1; i >= 0; i--) {
    if (curves.energy_eV[i]! <= limit && Number.isFinite(curves.norm[i]!)) return curves.norm[i]!;
  }
  return 1;
}
