import { compositionOf } from '../../src/xrd/crystal/composition.js';
import type { LineTableOptions } from '../../src/xrd/crystal/line-table.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';

/** cryspy's tables of a structure, one row a site. */
export interface CryspyTables {
  labels: string[];
  s: number[];
  f0: number[][];
  dispersion: [number, number][];
}

/** The same form factors and dispersion on our side, interpolated as cryspy does. */
export function tablesOf(
  structure: PhaseStructure,
  peer: CryspyTables,
): Pick<LineTableOptions, 'formFactors' | 'dispersion'> {
  const rowOf = (element: string): number =>
    peer.labels.indexOf(structure.sites.find((site) => site.occupants[0]!.element === element)!.label);
  const formFactors = (element: string, _charge: number, s2: number): number => {
    const s = Math.sqrt(s2);
    const f0 = peer.f0[rowOf(element)]!;
    const i = Math.max(
      1,
      peer.s.findIndex((value) => value > s),
    );
    const t = (s - peer.s[i - 1]!) / (peer.s[i]! - peer.s[i - 1]!);
    return f0[i - 1]! + t * (f0[i]! - f0[i - 1]!);
  };
  const dispersion = Object.fromEntries(
    [...compositionOf(structure).keys()].map((element) => {
      const [real, imaginary] = peer.dispersion[rowOf(element)]!;
      return [element, { real, imaginary }];
    }),
  );
  return { formFactors, dispersion };
}
