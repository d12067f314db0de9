/**
 * Fluorescence lines. Source: W. T. Elam, B. D. Ravel, J. R. Sieber, Radiat. Phys. Chem. 63 (2002) 121, as carried by XrayDB.
 */
import { photoAbsorption_cm2_g } from './attenuation.js';
import costerKronigText from './data/coster-kronig.js';
import lineText from './data/lines.js';
import { type Edge, edgesOf } from './edges.js';
import { element as elementOf } from './elements.js';
import { lazyTable } from './table.js';

export interface EmissionLine {
  element: string;
  /** Siegbahn name: Ka1, Ka2, Kb1, La1 … */
  name: string;
  /** Level that held the hole, and the one that fills it: K and L3 for Ka1. */
  initialLevel: string;
  finalLevel: string;
  energy_eV: number;
  /** Share of this line in all radiative transitions of its initial level (they sum to one). */
  share: number;
}

/** A line with its strength under an excitation. */
export interface ExcitedLine extends EmissionLine {
  /** Mass fluorescence cross-section (cm2/g): photons emitted per photon and mass thickness. */
  strength_cm2_g: number;
}

const table = lazyTable<[string, string, string, number, number][]>(lineText);
const costerKronig = lazyTable<[string, string, number, number][]>(costerKronigText);

/** All lines of an element, highest energy first. Throws InputError for an unknown element. */
export function emissionLines(element: string | number): EmissionLine[] {
  const { symbol } = elementOf(element);
  return (table()[symbol] ?? []).map(([name, initialLevel, finalLevel, energy_eV, share]) => ({
    element: symbol,
    name,
    initialLevel,
    finalLevel,
    energy_eV,
    share,
  }));
}

/**
 * Mean energy (eV) of a family, weighted with the shares: 'Ka' of Cl is 2621.3. `family` is the start of the lines'
 * names (Ka, Kb, La, Lb …). Null where the element has none.
 */
export function familyEnergy_eV(element: string | number, family: string): number | null {
  let weight = 0;
  let sum = 0;
  for (const line of emissionLines(element)) {
    if (!line.name.startsWith(family)) continue;
    weight += line.share;
    sum += line.share * line.energy_eV;
  }
  return weight > 0 ? sum / weight : null;
}

/** Probability that a hole in `initial` moves to `final` within its shell (Coster-Kronig), with cascades by default. */
export function costerKronigProbability(
  element: string | number,
  initial: string,
  final: string,
  cascades = true,
): number {
  const row = costerKronig()[elementOf(element).symbol]?.find(([i, f]) => i === initial && f === final);
  return row ? row[cascades ? 3 : 2] : 0;
}

/**
 * Lines that photons of `energy_eV` excite, with their strengths: (share of the photoabsorption that ionises the
 * level, from the jump ratios) x (fluorescence yield) x (share of the line). Holes that Coster-Kronig transitions
 * move to a lower subshell are counted there. Empty when the energy lies below every edge.
 */
export function excitedLines(element: string | number, energy_eV: number): ExcitedLine[] {
  const { symbol } = elementOf(element);
  const holes = vacancies(symbol, energy_eV);
  const found: ExcitedLine[] = [];
  for (const line of emissionLines(symbol)) {
    let strength = 0;
    for (const level of levelsIn(line.initialLevel)) {
      const hole = holes.get(level);
      if (hole) strength += hole.holes_cm2_g * hole.edge.fluorescenceYield * line.share;
    }
    if (strength > 0) found.push({ ...line, strength_cm2_g: strength });
  }
  return found;
}

/** The mean lines of the M shell name a pair of levels: 'M4,5' is M4 and M5. */
function levelsIn(name: string): string[] {
  const [first, ...others] = name.split(',');
  return [first!, ...others.map((n) => first![0]! + n)];
}

/** Holes made in each level, as a cross-section (cm2/g). */
function vacancies(symbol: string, energy_eV: number): Map<string, { edge: Edge; holes_cm2_g: number }> {
  const holes = new Map<string, { edge: Edge; holes_cm2_g: number }>();
  let remaining = photoAbsorption_cm2_g(symbol, energy_eV);
  const open = edgesOf(symbol).filter((edge) => edge.energy_eV < energy_eV);
  for (const edge of open) {
    const taken = edge.jumpRatio > 1 ? remaining * (1 - 1 / edge.jumpRatio) : 0;
    remaining -= taken;
    holes.set(edge.edge, { edge, holes_cm2_g: taken });
  }
  const primary = new Map([...holes].map(([name, hole]) => [name, hole.holes_cm2_g]));
  for (const [from, made] of primary) {
    for (const [to, hole] of holes) {
      if (to !== from && to[0] === from[0])
        hole.holes_cm2_g += made * costerKronigProbability(symbol, from, to);
    }
  }
  return holes;
}
