import type { MapArrays, ResultBundle } from '../../result.js';
import { lineLabels } from '../drawing/annotations.js';
import { curve } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { extent } from '../drawing/numbers.js';
import type { Drawing, Mark } from '../drawing/sheet.js';
import { BLUE, DOUBLE_COLUMN, INK, VERMILLION } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { short } from './parts/edges.js';

/** The fluorescence spectrum summed over a map, with its lines. */
export const sumSpectrum = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps.filter(({ sumSpectrum: sum }) => sum !== null && extent(sum.counts) !== null);
  return maps.map((map) =>
    figure(
      figureId('sum-spectrum', map.name, maps.length > 1),
      `Fluorescence spectrum of ${map.name}`,
      'Counts of all pixels and detectors on a logarithmic scale, with the fit where there is one, and the lines found.',
      () => draw(map),
    ),
  );
};

function draw(map: MapArrays): Drawing {
  const sum = map.sumSpectrum!;
  const x = keV(sum.energy_eV);
  const used = usedRange(x, sum);
  const counts = extent(sum.counts.filter((y) => y > 0)) ?? [1, 10];
  const floor = Math.max(0.5, counts[0] * 0.7, counts[1] * 1e-6);
  const top = Math.max(floor * 10, counts[1]);
  const positive = (values: Float64Array): Float64Array => values.map((y) => Math.max(floor, y));
  const marks: Mark[] = [curve(x, positive(sum.counts), { stroke: INK, width: 0.9 })];
  if (sum.fitted) marks.push(curve(x, positive(sum.fitted), { stroke: VERMILLION, width: 1 }));
  const lines = families(sum.lines)
    .filter(({ at }) => at >= used[0] && at <= used[1])
    .map((line) => ({ ...line, height: Math.max(floor, heightAt(x, sum.counts, line.at)) }));
  marks.push(lineLabels(lines, BLUE));
  return {
    height: 270,
    panels: [
      {
        left: 0,
        top: 18,
        width: DOUBLE_COLUMN,
        height: 252,
        margin: { left: 54 },
        x: { domain: used[1] > used[0] ? used : [used[0], used[0] + 1], label: 'energy (keV)', ticks: 10 },
        y: { domain: [floor, top * 12], type: 'log', label: 'counts', ticks: 5, tickFormat: '~s' },
        marks,
      },
    ],
    extras: legendRow(
      [
        { label: 'sum over the map', colour: INK },
        ...(sum.fitted ? [{ label: 'fit', colour: VERMILLION }] : []),
      ],
      54,
      14,
    ),
  };
}

/** From the first count to where nearly all of them have come, and past the last line. */
function usedRange(x: Float64Array, sum: NonNullable<MapArrays['sumSpectrum']>): [number, number] {
  const all = extent(x.filter((_, i) => sum.counts[i]! > 0)) ?? extent(x) ?? [0, 1];
  const total = sum.counts.reduce((a, y) => (y > 0 ? a + y : a), 0);
  let [seen, end] = [0, all[1]];
  for (let i = 0; i < x.length && seen < 0.995 * total; i++)
    [seen, end] = [seen + Math.max(0, sum.counts[i]! || 0), x[i]!];
  const last = extent(sum.lines.map(({ energy_eV }) => energy_eV / 1000))?.[1] ?? 0;
  return [all[0], Math.min(all[1], Math.max(1.08 * end, 1.05 * last))];
}

/** Lines of one family that lie together bear one name: `Ar Ka1`, `Ar Ka2` become `Ar Kα` at the first of them. */
function families(lines: { label: string; energy_eV: number }[]): { label: string; at: number }[] {
  const found = new Map<string, { label: string; at: number }>();
  for (const { label, energy_eV } of lines) {
    const parts = /^(\S+) (?:[KLM] )?([KLM])([abg])[\d,]*$/.exec(label);
    const greek = parts ? { a: 'α', b: 'β', g: 'γ' }[parts[3] as 'a' | 'b' | 'g'] : '';
    const name = parts ? `${parts[1]} ${parts[2]}${greek}` : short(label, 14);
    const main = /1$/.test(label);
    const known = found.get(name);
    if (known === undefined || main) found.set(name, { label: name, at: energy_eV / 1000 });
  }
  return [...found.values()];
}

const keV = (energies: Float64Array): Float64Array => energies.map((e) => e / 1000);

/** The highest count within 60 eV, so that a label stands on the top of its line. */
function heightAt(x: Float64Array, y: Float64Array, at: number): number {
  let best = 0;
  for (let i = 0; i < x.length; i++) if (Math.abs(x[i]! - at) < 0.06 && y[i]! > best) best = y[i]!;
  return best;
}
