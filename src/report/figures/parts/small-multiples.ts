import { curve } from '../../drawing/curves.js';
import { type LegendItem, legendRow } from '../../drawing/legend.js';
import { domainOf, extent } from '../../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, INK, LIGHT, seriesColour, VERMILLION } from '../../drawing/theme.js';
import type { Member } from './edges.js';

export interface Cell {
  heading: string;
  x: Float64Array;
  data: Float64Array;
  fit: Float64Array;
  marks: Mark[];
  /** Everything that must fit into the frame. */
  range: ArrayLike<number>[];
}

const COLUMNS = 3;
const UPPER = 150;
const LOWER = 60;

/** Fits side by side, each with its residual below on a scale common to all. */
export function fitGrid(cells: Cell[], yLabel: string, legendHeight = 20): Drawing {
  const residuals = cells.map(({ data, fit }) => data.map((y, i) => 100 * (y - (fit[i] ?? Number.NaN))));
  const worst = extent(...residuals) ?? [-1, 1];
  const limit = 1.15 * Math.max(Math.abs(worst[0]), Math.abs(worst[1]), 1e-7);
  // One or two fits share the sheet's width instead of leaving a part of it empty.
  const columns = Math.min(COLUMNS, Math.max(1, cells.length));
  const sheet = columns === 1 ? 0.75 * DOUBLE_COLUMN : DOUBLE_COLUMN;
  const rows = Math.ceil(cells.length / columns);
  const width = sheet / columns;
  const panels = cells.flatMap((cell, i): Panel[] => {
    const left = (i % columns) * width;
    const top = legendHeight + Math.floor(i / columns) * (UPPER + LOWER + 12);
    const first = i % columns === 0;
    const bottom = i >= cells.length - columns;
    const domain = domainOf(extent(cell.x), 0);
    const margin = { left: 46, right: 6 };
    return [
      {
        left,
        top,
        width,
        height: UPPER,
        margin: { ...margin, top: 18, bottom: 2 },
        heading: cell.heading,
        x: { domain, label: null },
        y: { domain: domainOf(extent(...cell.range), 0.05, 0.12), label: first ? yLabel : '', ticks: 4 },
        marks: cell.marks,
      },
      {
        left,
        top: top + UPPER,
        width,
        height: LOWER + (bottom ? 12 : 0),
        margin: { ...margin, top: 5, bottom: bottom ? 32 : 20 },
        x: { domain, label: bottom ? 'energy (eV)' : '', ticks: 4, tickFormat: 'd' },
        y: { domain: [-limit, limit], label: first ? 'resid. (%)' : '', ticks: 2, tickFormat: '~g' },
        marks: [
          curve(domain, [0, 0], { stroke: LIGHT, width: 0.7 }),
          curve(cell.x, residuals[i]!, { stroke: GREY, width: 0.8 }),
        ],
      },
    ];
  });
  return { width: sheet, height: legendHeight + rows * (UPPER + LOWER + 12) + 8, panels };
}

/** Fits with their named components: each name has one colour in all cells. `keys` are the legend's entries. */
export function componentFits(
  members: Member[],
  namesIn: (member: Member) => string[],
  cellOf: (member: Member, colourOf: (name: string) => string) => Cell,
  keys: (names: string[], colourOf: (name: string) => string) => LegendItem[],
): Drawing {
  const names = [...new Set(members.flatMap(namesIn))];
  const colourOf = (name: string): string => seriesColour([0, 2, 3, 4, 5][names.indexOf(name) % 5]!);
  const cells = members.map((member) => cellOf(member, colourOf));
  const legend: LegendItem[] = [
    { label: 'measured', colour: INK, kind: 'point' },
    { label: 'fit', colour: VERMILLION },
    ...keys(names, colourOf),
  ];
  return { ...fitGrid(cells, 'normalised absorption'), extras: legendRow(legend, 46, 13) };
}
