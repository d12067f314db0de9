import { text } from '@observablehq/plot';
import type { LineScanCurves, LineScanResult, ResultBundle } from '../../result.js';
import { errorBars, errorBarsAcross } from '../drawing/bars.js';
import { curve, dots, points } from '../drawing/curves.js';
import { type LegendItem, legendColumn } from '../drawing/legend.js';
import { domainOf, extent, isNumber } from '../drawing/numbers.js';
import { type Drawing, inside, type Mark } from '../drawing/sheet.js';
import { GREY, INK, LIGHT, SINGLE_COLUMN, SMALL, seriesColour } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { hypothesisName, resultOf } from './parts/scan.js';

/** The two double ratios against each other, with what each hypothesis predicts. */
export const ratioPlane = (bundle: ResultBundle): Figure[] =>
  bundle.lineScans
    .filter((scan) => scan.ratioPlane !== null)
    .map((scan) =>
      figure(
        figureId('ratio-plane', scan.name, bundle.lineScans.length > 1),
        `Where the indium sits, ${scan.name}`,
        'Double ratios (interphase over pristine electrolyte of the same scan) of two pairs of lines: measured, with ' +
          '95 % bars, and as each hypothesis predicts them with growing amount (dots: steps of 0.1). Curves that run ' +
          'together cannot be told apart here.',
        () => draw(scan, resultOf(bundle, scan)),
      ),
    );

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const plane = scan.ratioPlane!;
  const weight = (name: string): number | null =>
    result?.hypotheses.find((h) => h.name === name)?.weight ?? null;
  const marks: Mark[] = [
    curve([1, 1], [-1e3, 1e3], { stroke: LIGHT, width: 0.7 }),
    curve([-1e3, 1e3], [1, 1], { stroke: LIGHT, width: 0.7 }),
  ];
  plane.hypotheses.forEach((h, i) => {
    marks.push(curve(h.x, h.y, { stroke: seriesColour(i), width: 1.4 }));
    const tenths = h.amount.map((amount) => Math.abs(10 * amount - Math.round(10 * amount)) < 1e-6);
    const at = (values: number[]): number[] => values.filter((_, k) => tenths[k]);
    marks.push(dots(at(h.x), at(h.y), { stroke: seriesColour(i), radius: 1.9 }));
    const last = h.x.length - 1;
    const amount = h.amount[last];
    if (last > 0 && isNumber(amount)) {
      marks.push(
        text([Number(amount.toFixed(3))], {
          x: () => h.x[last]!,
          y: () => h.y[last]!,
          text: String,
          dx: 4,
          textAnchor: 'start',
          fontSize: SMALL,
          fill: seriesColour(i),
          stroke: 'white',
          strokeWidth: 2,
        }),
      );
    }
  });
  const m = plane.measured;
  const measured = isNumber(m?.x?.value) && isNumber(m?.y?.value);
  if (m && measured) {
    const [x, y] = [[m.x.value], [m.y.value]];
    marks.push(
      errorBars(x, y, [1.96 * m.y.sigma], INK),
      errorBarsAcross(x, y, [1.96 * m.x.sigma], INK),
      points(x, y, { stroke: INK, fill: INK, radius: 2.4 }),
    );
  } else marks.push(inside('measured ratios: not determined', 'top-right', { colour: GREY }));
  const bars = (v: { value: number; sigma: number } | undefined): number[] =>
    isNumber(v?.value) ? [v.value - 2 * (v.sigma || 0), v.value + 2 * (v.sigma || 0)] : [];
  const x = domainOf(
    extent([1], ...plane.hypotheses.map((h) => h.x), measured ? bars(m?.x) : []),
    0.06,
    0.14,
  );
  const y = domainOf(extent([1], ...plane.hypotheses.map((h) => h.y), measured ? bars(m?.y) : []), 0.06);
  const items = plane.hypotheses.map((h, i): LegendItem => {
    const w = weight(h.name);
    const share = isNumber(w) ? `  (weight ${w < 0.005 ? '<0.01' : w.toFixed(2)})` : '';
    return { label: `${hypothesisName(h.name)}${share}`, colour: seriesColour(i) };
  });
  if (measured) items.unshift({ label: 'measured, 95 %', colour: INK, kind: 'point' });
  const legend = 12 * items.length + 8;
  return {
    width: SINGLE_COLUMN,
    height: 270 + legend,
    panels: [
      {
        left: 0,
        top: legend,
        width: SINGLE_COLUMN,
        height: 270,
        x: { domain: x, label: `double ratio ${plane.xName}`, ticks: 5 },
        y: { domain: y, label: `double ratio ${plane.yName}`, ticks: 6 },
        marks,
      },
    ],
    extras: legendColumn(items, 46, 13),
  };
}
