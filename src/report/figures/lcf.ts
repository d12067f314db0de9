import type { ResultBundle } from '../../result.js';
import { curve, dots } from '../drawing/curves.js';
import { compact } from '../drawing/numbers.js';
import { type Drawing, inside, type Mark } from '../drawing/sheet.js';
import { INK, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, slug } from '../figure.js';
import { byEdge, type Member, short } from './parts/edges.js';
import { type Cell, componentFits } from './parts/small-multiples.js';

/** Linear combinations of references: data, fit, weighted references and residual of each spectrum. */
export const mixtureFits = (bundle: ResultBundle): Figure[] =>
  [...byEdge(bundle)].flatMap(([edge, all]) => {
    const members = all.filter(({ curves }) => curves.lcf !== null);
    if (members.length === 0) return [];
    return [
      figure(
        `lcf-${slug(edge)}`,
        `Linear combinations at the ${edge} edge`,
        'Measured spectrum (points), fit (line) and the references with their weights (thin lines); below each the ' +
          'residual on a common scale. Numbers: weights above 0.005, with the uncertainty of the last digits.',
        () => draw(members),
      ),
    ];
  });

const draw = (members: Member[]): Drawing =>
  componentFits(
    members,
    ({ curves }) => curves.lcf!.components.map(({ name }) => name),
    cellOf,
    (names, colourOf) =>
      names.slice(0, 6).map((name) => ({ label: short(name, 16), colour: colourOf(name) })),
  );

function cellOf({ curves, result }: Member, colourOf: (name: string) => string): Cell {
  const { energy_eV: x, data, fit, components } = curves.lcf!;
  const marks: Mark[] = [
    ...components.map(({ name, values }) => curve(x, values, { stroke: colourOf(name), width: 0.9 })),
    dots(x, data, { stroke: INK, radius: 0.8 }),
    curve(x, fit, { stroke: VERMILLION, width: 1 }),
  ];
  Object.entries(result?.lcf?.weights ?? {})
    .filter(([, weight]) => weight?.value >= 0.005)
    .sort(([, a], [, b]) => b.value - a.value)
    .slice(0, 4)
    .forEach(([name, weight], i) => {
      marks.push(inside(`${short(name, 9)} ${compact(weight)}`, 'top-left', { dy: 11 * i, dx: -2 }));
    });
  const range = [data, fit, ...components.map(({ values }) => values)];
  return { heading: short(curves.label, 26), x, data, fit, marks, range };
}
