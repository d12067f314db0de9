import { text } from '@observablehq/plot';
import type { ResultBundle } from '../../result.js';
import { errorBarsAcross, verticalBand } from '../drawing/bars.js';
import { points } from '../drawing/curves.js';
import { domainOf, extent, isNumber, plusMinus } from '../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, GREEN, SMALL } from '../drawing/theme.js';
import { type Figure, figure } from '../figure.js';
import { short } from './parts/edges.js';

interface Row {
  label: string;
  value: number;
  sigma: number;
  interval: readonly [number, number] | null;
}

/** The same quantity by different methods, side by side and never averaged. */
export const methodComparison = (bundle: ResultBundle): Figure[] => {
  const x = compositionRows(bundle);
  const thickness = thicknessRows(bundle);
  if (x.length < 2 && thickness.length < 2) return [];
  return [
    figure(
      'methods',
      'The interphase by method',
      'Composition and thickness of the interphase by each method, with 95 % intervals. They mean different things ' +
        '(one line across the layer, or the whole layer on a map) and are not averaged.',
      () => draw(x, thickness),
    ),
  ];
};

const ESTIMATORS: Record<string, string> = {
  'line-scan': 'coupled line scan',
  pattern: 'single patterns',
  'double-ratio': 'double ratios',
};

function compositionRows({ result }: ResultBundle): Row[] {
  const several = result.lineScans.length > 1;
  return result.lineScans.flatMap((scan) =>
    Object.entries(scan.estimators ?? {}).flatMap(([name, m]) =>
      isNumber(m?.value)
        ? [
            {
              label: `${ESTIMATORS[name] ?? name}${several ? `, ${short(scan.name, 14)}` : ''}`,
              value: m.value,
              sigma: m.sigma,
              interval: null,
            },
          ]
        : [],
    ),
  );
}

function thicknessRows({ result }: ResultBundle): Row[] {
  return [
    ...result.lineScans.flatMap(({ name, aei }): Row[] =>
      isNumber(aei?.thickness_um?.value)
        ? [
            {
              label: `uXRD, ${short(name, 16)}`,
              value: aei.thickness_um.value,
              sigma: aei.thickness_um.sigma,
              interval: aei.thickness_um.interval95 ?? null,
            },
          ]
        : [],
    ),
    ...result.maps.flatMap(({ name, aei_thickness_um: t }): Row[] =>
      isNumber(t?.mean)
        ? [
            {
              label: `map, ${short(name, 16)}`,
              value: t.mean,
              sigma: t.sigma,
              interval: t.interval95 ?? null,
            },
          ]
        : [],
    ),
  ];
}

function draw(x: Row[], thickness: Row[]): Drawing {
  const both = x.length > 0 && thickness.length > 0;
  const width = both ? DOUBLE_COLUMN / 2 : DOUBLE_COLUMN * 0.6;
  const height = 56 + 30 * Math.max(x.length, thickness.length, 2);
  const panels: Panel[] = [];
  if (x.length > 0)
    panels.push(
      forest(x, 'x (In per formula unit)', BLUE, { left: 0, width, height }, both ? 'a' : undefined),
    );
  if (thickness.length > 0) {
    panels.push(
      forest(
        thickness,
        'thickness (µm)',
        GREEN,
        { left: both ? width : 0, width, height },
        both ? 'b' : undefined,
      ),
    );
  }
  return { width: both ? DOUBLE_COLUMN : width, height, panels };
}

function forest(
  rows: Row[],
  label: string,
  colour: string,
  place: { left: number; width: number; height: number },
  letter: string | undefined,
): Panel {
  const low = rows.map((r) => r.interval?.[0] ?? r.value - 1.96 * (r.sigma || 0));
  const high = rows.map((r) => r.interval?.[1] ?? r.value + 1.96 * (r.sigma || 0));
  const marks: Mark[] = rows.flatMap((row, i): Mark[] => {
    const y = rows.length - 1 - i;
    const middle = (low[i]! + high[i]!) / 2;
    return [
      errorBarsAcross([middle], [y], [(high[i]! - low[i]!) / 2], colour),
      points([row.value], [y], { stroke: colour, fill: colour, radius: 2.4 }),
      text([`${row.label}: ${plusMinus(row.value, row.sigma)}`], {
        x: () => row.value,
        y: () => y,
        text: String,
        dy: -9,
        fontSize: SMALL,
        stroke: 'white',
        strokeWidth: 2.5,
        fill: '#1a1a1a',
      }),
    ];
  });
  const range = domainOf(extent(low, high), 0.45);
  return {
    ...place,
    top: 0,
    ...(letter === undefined ? {} : { letter }),
    margin: { left: 24, right: 10, top: 10 },
    x: { domain: range, label, ticks: 5 },
    y: { domain: [-0.5, rows.length - 0.2], label: '', ticks: [] },
    marks: [
      ...(range[0] < 0 && range[1] > 0 ? [verticalBand(0, null, { colour: '#d0d0d0' })] : []),
      ...marks,
    ],
  };
}
