import { tickRow } from '../drawing/bars.js';
import { curve, dots } from '../drawing/curves.js';
import { custom } from '../drawing/custom.js';
import { type LegendItem, legendRow, legendWidth } from '../drawing/legend.js';
import { extent, short } from '../drawing/numbers.js';
import { type Drawing, type Mark, svgElement } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, GREY, INK, LIGHT, MISSING, phaseColour, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';

/** One pattern with its fit, as a Rietveld plot shows it. */
export interface RefinedPattern {
  label: string;
  /** Agreement in a few words. */
  summary: string;
  twoTheta_deg: Float64Array;
  observed: Float64Array;
  calculated: Float64Array;
  background: Float64Array;
  /** 1 where the channel was used. */
  mask: Uint8Array;
  phases: { name: string; label: string; twoTheta_deg: Float64Array }[];
}

const MARGIN_LEFT = 58;
const MARGIN_RIGHT = 14;
const TICK_ROW = 12;
const LEGEND_ROW = 14;
const LOWEST = 96;

/** Measured and calculated intensity, line positions and difference, all on one scale. */
export const refinedPattern = (pattern: RefinedPattern): Figure =>
  figure(
    figureId('refinement', pattern.label, true),
    `Refinement of ${pattern.label}`,
    'Measured (points) and calculated (line) intensity with the background, line positions of the phases, and the ' +
      'difference on the same scale. Grey: angles that were left out.',
    () => draw(pattern),
  );

function draw(pattern: RefinedPattern): Drawing {
  const { twoTheta_deg: x, observed, phases } = pattern;
  const mask = bridged(pattern.mask);
  const calculated = used(pattern.calculated, mask);
  const background = used(pattern.background, mask);
  const angles = extent(x) ?? [0, 1];
  const difference = observed.map((y, i) => (pattern.mask[i] === 1 ? y - calculated[i]! : Number.NaN));
  const [, top] = extent(calculated, used(observed, pattern.mask)) ?? [0, 1];
  const [low, high] = extent(difference) ?? [-1, 1];
  const upper = { from: Math.min(0, extent(background)?.[0] ?? 0), to: 1.04 * top };
  const reach = Math.max(1.08 * Math.max(-low, high), 0.04 * top);
  const ticks = Math.max(1, phases.length) * TICK_ROW + 8;
  const height = 300;
  // the same counts per millimetre in both panels, unless the difference is too small or too large to be seen so
  const below = Math.min(170, Math.max(LOWEST, 40 + (2 * reach * height) / (upper.to - upper.from)));
  const shared = { left: 0, width: DOUBLE_COLUMN };
  const legend = legendRows(phases);
  const head = 10 + LEGEND_ROW * legend.length;
  const axis = { domain: angles, label: null };
  const gaps = leftOut(x, mask);
  return {
    height: head + height + ticks + below,
    panels: [
      {
        ...shared,
        top: 0,
        height: head + height,
        margin: { left: MARGIN_LEFT, right: MARGIN_RIGHT, top: head, bottom: 0 },
        x: axis,
        y: { domain: [upper.from, upper.to], label: 'intensity (counts)' },
        marks: [
          gaps,
          dots(x, observed, { stroke: INK, radius: 0.9 }),
          curve(x, background, { stroke: BLUE, width: 0.7 }),
          curve(x, calculated, { stroke: VERMILLION, width: 0.9 }),
        ],
      },
      {
        ...shared,
        top: head + height,
        height: ticks,
        margin: { left: MARGIN_LEFT, right: MARGIN_RIGHT, top: 0, bottom: 0 },
        x: axis,
        y: { domain: [0, 1], label: null },
        marks: phases.map((phase, i) =>
          tickRow(
            phase.twoTheta_deg,
            null,
            { from: 'top', at: 13 + TICK_ROW * i, length: 9 },
            phaseColour(phase.name, i),
          ),
        ),
      },
      {
        ...shared,
        top: head + height + ticks,
        height: below,
        margin: { left: MARGIN_LEFT, right: MARGIN_RIGHT, top: 0, bottom: 34 },
        x: { domain: angles, label: '2θ (°)', ticks: 10 },
        y: { domain: [-reach, reach], label: 'difference', ticks: 3 },
        marks: [
          gaps,
          curve(Float64Array.from(angles), new Float64Array(2), { stroke: LIGHT, width: 0.7 }),
          curve(x, difference, { stroke: GREY, width: 0.7 }),
        ],
      },
    ],
    notes: [
      {
        x: DOUBLE_COLUMN - MARGIN_RIGHT,
        y: 14,
        text: `${short(pattern.label, 24)}, ${pattern.summary}`,
        anchor: 'end',
      },
    ],
    extras: legend.flatMap((row, i) => legendRow(row, MARGIN_LEFT, 14 + LEGEND_ROW * i)),
  };
}

/** Curves first, beside the summary; then the phases, as many in a row as fit. */
function legendRows(phases: RefinedPattern['phases']): LegendItem[][] {
  const rows: LegendItem[][] = [
    [
      { label: 'measured', colour: INK, kind: 'point' },
      { label: 'calculated', colour: VERMILLION },
      { label: 'background', colour: BLUE },
    ],
  ];
  let free = 0;
  phases.forEach(({ name, label }, i) => {
    const item: LegendItem = { label, colour: phaseColour(name, i), kind: 'tick' };
    const width = legendWidth(item);
    if (width > free) {
      rows.push([]);
      free = DOUBLE_COLUMN - MARGIN_LEFT;
    }
    rows.at(-1)!.push(item);
    free -= width;
  });
  return rows;
}

const used = (values: Float64Array, mask: Uint8Array): Float64Array =>
  values.map((value, i) => (mask[i] === 1 ? value : Number.NaN));

/** A few channels masked by themselves are spikes, not angles that were left out. */
function bridged(mask: Uint8Array): Uint8Array {
  const out = mask.slice();
  for (let i = 0; i < mask.length; ) {
    let end = i + 1;
    while (end < mask.length && mask[end] === mask[i]) end++;
    if (mask[i] === 0 && end - i <= 3) out.fill(1, i, end);
    i = end;
  }
  return out;
}

/** Grey areas where no channel was used. */
const leftOut = (x: Float64Array, mask: Uint8Array): Mark =>
  custom((sx, _sy, frame) => {
    const areas = [];
    for (let i = 0; i < x.length; ) {
      let end = i + 1;
      while (end < x.length && mask[end] === mask[i]) end++;
      if (mask[i] === 0) {
        const [from, to] = [sx(x[i]!), sx(x[end - 1]!)];
        const box = { x: from, y: frame.top, width: to - from, height: frame.bottom - frame.top };
        areas.push(svgElement('rect', { ...box, fill: MISSING, 'fill-opacity': 0.35 }));
      }
      i = end;
    }
    return areas;
  });
