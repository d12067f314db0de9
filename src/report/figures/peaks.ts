import type { ResultBundle } from '../../result.js';
import { band, curve, dots } from '../drawing/curves.js';
import { extent, plusMinus } from '../drawing/numbers.js';
import { type Drawing, inside, type Mark } from '../drawing/sheet.js';
import { GREY, INK, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, slug } from '../figure.js';
import { byEdge, type Member, short } from './parts/edges.js';
import { type Cell, componentFits } from './parts/small-multiples.js';

/** Peaks before the edge: data, fit, baseline, components and residual of each spectrum. */
export const peakFits = (bundle: ResultBundle): Figure[] =>
  [...byEdge(bundle)].flatMap(([edge, all]) => {
    const members = all.filter(({ curves }) => curves.peaks !== null);
    if (members.length === 0) return [];
    return [
      figure(
        `peaks-${slug(edge)}`,
        `Peaks before the ${edge} edge`,
        'Normalised absorption (points), fit (line), baseline (dashed) and peaks (areas on the baseline); below each the ' +
          'residual on a common scale. The edge runs out of the frame. Numbers: peak areas in eV.',
        () => draw(members),
      ),
    ];
  });

const FILL = 0.45;

const draw = (members: Member[]): Drawing =>
  componentFits(
    members,
    ({ curves }) => curves.peaks!.components.map(({ name }) => name),
    cellOf,
    (names, colourOf) => [
      { label: 'baseline', colour: GREY, kind: 'dash' },
      ...names.map((name) => ({
        label: `peak ${name}`,
        colour: colourOf(name),
        kind: 'box' as const,
        opacity: FILL,
      })),
    ],
  );

function cellOf({ curves, result }: Member, colourOf: (name: string) => string): Cell {
  const { energy_eV: x, data, baseline, fit, components } = curves.peaks!;
  const cap = peakHeight(baseline, components);
  const marks: Mark[] = components.map(({ name, values }) =>
    band(
      x,
      baseline,
      baseline.map((y, i) => y + (values[i] ?? Number.NaN)),
      { fill: colourOf(name), opacity: FILL },
    ),
  );
  marks.push(
    curve(x, baseline, { stroke: GREY, width: 0.9, dash: '3 2' }),
    dots(x, data, { stroke: INK, radius: 1 }),
    curve(x, fit, { stroke: VERMILLION, width: 1.1 }),
  );
  (result?.peaks ?? []).slice(0, 4).forEach((peak, i) => {
    const area = plusMinus(peak.area?.value, peak.area?.sigma, 'eV');
    marks.push(inside(`${short(peak.name, 10)}: ${area}`, 'top-left', { dy: 11 * i }));
  });
  return {
    heading: short(curves.label, 26),
    x,
    data,
    fit,
    marks,
    range: [baseline.map((y) => Math.min(y, cap)), fit.map((y) => Math.min(y, cap)), [cap]],
  };
}

/** The height that the peaks reach, with room above: the edge itself runs out of the frame. */
function peakHeight(baseline: Float64Array, components: { values: Float64Array }[]): number {
  const sum = baseline.map((y, i) => components.reduce((total, { values }) => total + (values[i] ?? 0), y));
  const highest = components.reduce((most, { values }) => {
    const top = extent(values)?.[1] ?? 0;
    return sum.reduce((best, y, i) => (values[i]! > 0.3 * top && top > 0 ? Math.max(best, y) : best), most);
  }, 0);
  return Math.max(0.3, 1.35 * highest);
}
