import { text } from '@observablehq/plot';
import { curve, tickRow } from '../drawing/curves.js';
import { textWidth } from '../drawing/legend.js';
import { extent, isNumber } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark, type Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, SMALL } from '../drawing/theme.js';
import { colourMap } from '../drawing/colour-map.js';
import { type Figure, figure } from '../figure.js';

export interface SimulatedPattern {
  /** 'x = 0.2', say. */
  label: string;
  twoTheta_deg: Float64Array;
  intensity: Float64Array;
}

export interface SimulatedSet {
  id: string;
  title: string;
  caption: string;
  patterns: SimulatedPattern[];
  /** Lines to name over the lowest pattern. */
  lines: { hkl: string; twoTheta_deg: number; relativeIntensity: number }[];
  /** The part to show enlarged and not offset, around the line that tells x; none if null. */
  zoom: [number, number] | null;
}

/** Calculated patterns of a growing amount, offset, and one line of them enlarged (as in the paper's Figure 4c). */
export const simulatedPatterns = (set: SimulatedSet): Figure =>
  figure(set.id, set.title, set.caption, () => draw(set));

function draw({ patterns, lines, zoom }: SimulatedSet): Drawing {
  const colours = patterns.map((_, i) => amountColour(i, patterns.length));
  const strongest = Math.max(1e-12, ...patterns.map(({ intensity }) => extent(intensity)?.[1] ?? 0));
  const angles = extent(...patterns.map(({ twoTheta_deg }) => twoTheta_deg)) ?? [0, 1];
  const height = 110 + 44 * Math.max(4, patterns.length);
  const width = zoom === null ? DOUBLE_COLUMN : Math.round(DOUBLE_COLUMN * 0.7);
  const step = 0.62;
  const marks: Mark[] = patterns.map(({ twoTheta_deg, intensity }, i) =>
    curve(twoTheta_deg, intensity, { stroke: colours[i]!, width: 0.9, factor: 1 / strongest, offset: i * step }),
  );
  if (patterns.length === 0) marks.push(emptyNote('no patterns'));
  const right = 12 + Math.max(0, ...patterns.map(({ label }) => textWidth(label, SMALL)));
  marks.push(
    text(patterns, {
      x: () => angles[1],
      y: (_: SimulatedPattern, i: number) => i * step + 0.02,
      text: 'label',
      dx: 5,
      dy: -2,
      textAnchor: 'start',
      fontSize: SMALL,
      fill: (_: SimulatedPattern, i: number) => colours[i]!,
    } as never),
    ...nameLines(lines, angles),
  );
  const top = (patterns.length - 1) * step + 1.25;
  const panels: Panel[] = [
    {
      left: 0,
      top: 0,
      width,
      height,
      ...(zoom === null ? {} : { letter: 'a' }),
      margin: { left: 30, right, top: 12 },
      x: { domain: angles[1] > angles[0] ? angles : [angles[0], angles[0] + 1], label: '2θ (°)', ticks: 8 },
      y: { domain: [-0.14, Math.max(1.3, top)], label: 'intensity (arbitrary, offset)', ticks: [] },
      marks,
    },
  ];
  if (zoom !== null) panels.push(zoomPanel(patterns, colours, zoom, { left: width, width: DOUBLE_COLUMN - width, height }));
  return { height, panels };
}

function zoomPanel(
  patterns: SimulatedPattern[],
  colours: string[],
  zoom: [number, number],
  place: { left: number; width: number; height: number },
): Panel {
  const inside = patterns.map(({ twoTheta_deg, intensity }) =>
    intensity.filter((_, i) => twoTheta_deg[i]! >= zoom[0] && twoTheta_deg[i]! <= zoom[1]),
  );
  const most = extent(...inside)?.[1] ?? 1;
  return {
    ...place,
    top: 0,
    letter: 'b',
    margin: { left: 24, top: 12 },
    x: { domain: zoom, label: '2θ (°)', ticks: 4 },
    y: { domain: [0, most > 0 ? 1.06 * most : 1], label: 'intensity (same scale)', ticks: [] },
    marks: patterns.map(({ twoTheta_deg, intensity }, i) =>
      curve(twoTheta_deg, intensity, { stroke: colours[i]!, width: 1.1 }),
    ),
  };
}

/** Names of the strong lines over their places, at the top of the frame; those that would collide are left out. */
function nameLines(lines: SimulatedSet['lines'], [from, to]: readonly [number, number]): Mark[] {
  const shown: typeof lines = [];
  const room = (to - from) / 34;
  for (const line of [...lines].sort((a, b) => b.relativeIntensity - a.relativeIntensity)) {
    const { twoTheta_deg: at } = line;
    if (!isNumber(at) || at < from || at > to || shown.length >= 16) continue;
    if (shown.every((other) => Math.abs(other.twoTheta_deg - at) > room)) shown.push(line);
  }
  return [
    tickRow(shown.map(({ twoTheta_deg }) => twoTheta_deg), null, { from: 'bottom', at: 2, length: 6 }, GREY),
    text(shown, {
      x: 'twoTheta_deg',
      text: 'hkl',
      frameAnchor: 'top',
      dy: 8,
      fontSize: SMALL,
      fill: INK,
    }),
  ];
}

/** From dark to light along viridis, short of its palest end: the amount can be read from the colour. */
function amountColour(index: number, count: number): string {
  const table = colourMap('viridis');
  const at = Math.round((index / Math.max(1, count - 1)) * 215);
  return `rgb(${table[3 * at]},${table[3 * at + 1]},${table[3 * at + 2]})`;
}
