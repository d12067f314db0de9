import type { ResultBundle, SpectrumCurves, SpectrumResult } from '../../../result.js';
import { extent, isNumber } from '../../drawing/numbers.js';

export interface Member {
  curves: SpectrumCurves;
  result: SpectrumResult | undefined;
}

/** The spectra of each edge, in the order of the experiment. */
export function byEdge(bundle: ResultBundle): Map<string, Member[]> {
  const edges = new Map<string, Member[]>();
  bundle.spectra.forEach((curves, i) => {
    const samePlace = bundle.result.spectra[i];
    const result =
      samePlace?.label === curves.label
        ? samePlace
        : bundle.result.spectra.find(({ label, edge }) => label === curves.label && edge === curves.edge);
    edges.set(curves.edge, [...(edges.get(curves.edge) ?? []), { curves, result }]);
  });
  return edges;
}

/** The near-edge part of a set of spectra: from 25 eV below the first edge to 60 eV above the last one. */
export function nearEdge(members: Member[]): [number, number] {
  const all = extent(...members.map(({ curves }) => curves.energy_eV)) ?? [0, 1];
  const edges = extent(members.map(({ result }) => result?.e0_eV?.value));
  if (edges === null) return all[1] > all[0] ? all : [all[0] - 1, all[0] + 1];
  const low = Math.max(all[0], edges[0] - 25);
  const high = Math.min(all[1], edges[1] + 60);
  return high > low ? [low, high] : [edges[0] - 25, edges[1] + 60];
}

/** Where each spectrum stands: its index counts from the bottom, references below samples. */
export const ordered = (members: Member[]): Member[] => {
  const rank = ({ result }: Member): number =>
    result?.role === 'calibrant' ? 0 : result?.role === 'reference' ? 1 : 2;
  return [...members].sort((a, b) => rank(a) - rank(b));
};

export const hasNumber = (m: { value: number } | null | undefined): m is { value: number; sigma: number } =>
  isNumber(m?.value);

export { short } from '../../drawing/numbers.js';
