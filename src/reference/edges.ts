/**
 * Absorption edges and widths of core levels.
 * Sources: W. T. Elam, B. D. Ravel, J. R. Sieber, Radiat. Phys. Chem. 63 (2002) 121 (energies, fluorescence yields,
 * jump ratios); M. O. Krause, J. H. Oliver, J. Phys. Chem. Ref. Data 8 (1979) 329 and O. Keski-Rahkonen,
 * M. O. Krause, At. Data Nucl. Data Tables 14 (1974) 139 (widths); all as carried by XrayDB.
 */
import { InputError } from '../errors.js';
import widthText from './data/core-widths.js';
import levelText from './data/levels.js';
import { element as elementOf, elementSymbol, elementSymbols } from './elements.js';
import { lazyTable } from './table.js';

export interface Edge {
  element: string;
  /** K, L1, L2, L3, M1 … */
  edge: string;
  energy_eV: number;
  fluorescenceYield: number;
  jumpRatio: number;
}

const levels = lazyTable<[string, number, number, number][]>(levelText);
const widths = lazyTable<[string, number, number | null][]>(widthText);

/** All edges of an element, highest energy first. Throws InputError for an unknown element. */
export function edgesOf(element: string | number): Edge[] {
  const { symbol } = elementOf(element);
  return (levels()[symbol] ?? []).map(([edge, energy_eV, fluorescenceYield, jumpRatio]) => ({
    element: symbol,
    edge,
    energy_eV,
    fluorescenceYield,
    jumpRatio,
  }));
}

/** 'k', 'l3' and 'LIII' as the tables name them: 'K', 'L3'. */
export function normalizeEdgeName(edge: string): string {
  const name = edge.trim().toUpperCase();
  const roman = /^([LMNOP])(III|II|IV|I|V)$/.exec(name);
  if (!roman) return name;
  return roman[1]! + (['I', 'II', 'III', 'IV', 'V'].indexOf(roman[2]!) + 1);
}

/** One edge of an element. Throws InputError where the element has no such edge. */
export function edgeOf(element: string | number, edge: string): Edge {
  const name = normalizeEdgeName(edge);
  const all = edgesOf(element);
  const found = all.find((e) => e.edge === name);
  if (!found) {
    const { symbol } = elementOf(element);
    throw new InputError(
      `${symbol} has no ${edge} edge`,
      null,
      `it has ${all.map((e) => e.edge).join(', ')}`,
    );
  }
  return found;
}

/** Tabulated energy (eV) of an edge (Elam 2002): Cl K 2822, Y K 17038, In K 27940. Throws InputError. */
export const edgeEnergy_eV = (element: string | number, edge: string): number =>
  edgeOf(element, edge).energy_eV;

/** How often scans are taken at an edge, as a share. */
const SCANNED: Record<string, number> = { K: 1, L3: 0.3, M5: 0.05, L2: 0.03, L1: 0.02 };

/** Noble gases, and elements without a nucleus that lives long enough for a usual sample. */
const SELDOM = new Set('He Ne Ar Kr Xe Rn Tc Pm Po At Fr Ra Ac Pa Bk Cf Es Fm Md No Lr'.split(' '));

/**
 * The edge that a scan most likely is of, whose steepest rise lies at an energy (eV) and which does not name its own.
 * Rises lie 3 eV above the tabulated edge, give or take 7 eV (chemical shifts) and 0.03 % (monochromators); K edges are
 * scanned most often, then L3. `elements` narrows the choice. Returns null further than 2 % + 30 eV from every edge.
 */
export function nearestEdge(energy_eV: number, elements?: readonly string[]): Edge | null {
  let best: Edge | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const symbol of elements ?? elementSymbols()) {
    for (const edge of edgesOf(symbol)) {
      const share = SCANNED[edge.edge];
      const distance = energy_eV - edge.energy_eV;
      if (share === undefined || Math.abs(distance) > 0.02 * edge.energy_eV + 30) continue;
      const spread = 7 + 3e-4 * edge.energy_eV;
      const cost = ((distance - 3) / spread) ** 2 / 2 - Math.log(share * (SELDOM.has(symbol) ? 0.05 : 1));
      if (cost < least) {
        least = cost;
        best = edge;
      }
    }
  }
  return best;
}

/**
 * Width (eV, full width at half maximum) of a core level: Krause-Oliver where they list it (K and L), else
 * Keski-Rahkonen-Krause; `source: 'keski-rahkonen'` forces the latter. Null where no width is tabulated.
 */
export function coreWidth_eV(
  element: string | number,
  edge: string,
  source: 'preferred' | 'keski-rahkonen' = 'preferred',
): number | null {
  const { symbol } = elementOf(element);
  const row = widths()[symbol]?.find(([name]) => name === normalizeEdgeName(edge));
  if (!row) return null;
  return source === 'preferred' ? row[1] : row[2];
}

/** 'Y K', 'Y-K' or 'Au L3' as element and edge. */
export function parseEdge(text: string): { element: string; edge: string } | null {
  const match = /^\s*([A-Za-z]{1,2})[\s_-]*(K|L[123]|M[1-5]|L(?:III|II|I))(?:[\s-]*edge)?\s*$/iu.exec(text);
  const element = elementSymbol(match?.[1] ?? '');
  if (!match || element === null) return null;
  const edge = match[2]!.toUpperCase().replace('LIII', 'L3').replace('LII', 'L2').replace(/LI$/u, 'L1');
  return { element, edge };
}
