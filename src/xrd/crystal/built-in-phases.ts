/** The phases known by name, with the sources of their numbers. Coordinates are of the asymmetric unit. */
import { InputError } from '../../errors.js';
import { type Cell, cubicCell, hexagonalCell } from './cell.js';
import { checkOccupancies } from './composition.js';
import { findSpaceGroup } from './space-groups.js';
import type { PhaseStructure, Site } from './structure.js';

export type Li3YCl6Variant = 'default' | 'ordered' | 'swapped' | 'asano' | 'obelix';
export const LI3YCL6_VARIANTS: readonly Li3YCl6Variant[] = [
  'default',
  'ordered',
  'swapped',
  'asano',
  'obelix',
];

type SiteRow = [label: string, ion: [string, number], x: number, y: number, z: number, occupancy?: number];

const LI: [string, number] = ['Li', 1];
const Y: [string, number] = ['Y', 3];
const CL: [string, number] = ['Cl', -1];
const IN: [string, number] = ['In', 3];

function phase(
  name: string,
  group: string,
  cell: Cell,
  formulaUnits: number,
  source: string,
  rows: SiteRow[],
): PhaseStructure {
  const found = findSpaceGroup(group, cell).group;
  const sites: Site[] = rows.map(([label, [element, charge], x, y, z, occupancy = 1]) => ({
    label,
    occupants: [{ element, charge, occupancy }],
    position: [x, y, z],
    B_A2: null,
    U_A2: null,
  }));
  const structure: PhaseStructure = {
    name,
    cell,
    spaceGroup: { number: found.number, symbol: found.shortSymbol },
    operations: found.operations,
    sites,
    formulaUnits,
    source,
  };
  checkOccupancies(structure);
  return structure;
}

const SCHLEM = 'occupancies: Schlem et al., Chem. Mater. 33 (2021) 327';
const ASANO = 'coordinates: Asano et al., Adv. Mater. 30 (2018) 1803075';

/** Occupancies [Li 6h, Li 6g, Y2 (2d, z near 1/2), Y3 (2d, z = 0)] of the variants on the Asano coordinates. */
const VARIANT_OCCUPANCIES: Record<
  'default' | 'ordered' | 'swapped' | 'asano',
  [number, number, number, number]
> = {
  default: [0.87538, 0.62462, 0.56592, 0.43408],
  ordered: [0.75, 0.75, 1, 0],
  swapped: [1, 0.5, 0, 1],
  asano: [0.87538, 0.62462, 0.56592, 0.43408],
};

const SOURCES: Record<Li3YCl6Variant, string> = {
  default: `${SCHLEM} (OBELiX ei3); ${ASANO}`,
  ordered: `Y on 1a and on 2d near z = 1/2, in full; ${ASANO}`,
  swapped: `Y on 1a and on 2d at z = 0, in full; ${ASANO}`,
  asano: `cell and ${ASANO}; ${SCHLEM}`,
  obelix: `${SCHLEM}; cell and coordinates as listed by OBELiX ei3 (its free coordinates carry noise of .01)`,
};

/**
 * Li3YCl6 (P-3m1, Z = 3) and the variants that span what is known about its order. Full Y sits on 1a: a shift of the
 * origin by c/2 would swap the sites 6g (z = 0) and 6h (z = 1/2).
 */
export function li3ycl6(variant: Li3YCl6Variant = 'default'): PhaseStructure {
  const name = variant === 'default' ? 'Li3YCl6' : `Li3YCl6:${variant}`;
  const cell = variant === 'asano' ? hexagonalCell(11.2217, 6.05517) : hexagonalCell(11.209337, 6.046941);
  if (variant === 'obelix') return phase(name, 'P -3 m 1', cell, 3, SOURCES.obelix, obelixSites());
  const [li6h, li6g, y2, y3] = VARIANT_OCCUPANCIES[variant];
  const rows: SiteRow[] = [
    ['Li1', LI, 0.332, 0, 0.5, li6h],
    ['Li2', LI, 0.326, 0, 0, li6g],
    ['Y1', Y, 0, 0, 0],
    ['Y2', Y, 1 / 3, 2 / 3, 0.487, y2],
    ['Y3', Y, 1 / 3, 2 / 3, 0, y3],
    ['Cl1', CL, 0.1133, -0.1133, 0.7827],
    ['Cl2', CL, 0.2136, -0.2136, 0.2561],
    ['Cl3', CL, 0.4367, -0.4367, 0.7461],
  ];
  return phase(name, 'P -3 m 1', cell, 3, SOURCES[variant], rows);
}

const obelixSites = (): SiteRow[] => [
  ['Li1', LI, 0, 0.32562724, 0.5, 0.87538],
  ['Li2', LI, 0, 0.32611712, 0, 0.62462],
  ['Y1', Y, 0, 0, 0],
  ['Y2', Y, 1 / 3, 2 / 3, 0.4869661, 0.56592],
  ['Y3', Y, 1 / 3, 2 / 3, 0.98118561, 0.43408],
  ['Cl1', CL, 0.10836711, 0.21673423, 0.77651019],
  ['Cl2', CL, 0.12545527, 0.56272764, 0.75056223],
  ['Cl3', CL, 0.21024526, 0.42049052, 0.27835218],
];

const monoclinicCell = (a_A: number, b_A: number, c_A: number, beta_deg: number): Cell => ({
  a_A,
  b_A,
  c_A,
  alpha_deg: 90,
  beta_deg,
  gamma_deg: 90,
});

const TEMPLETON = 'Templeton and Carter, J. Phys. Chem. 58 (1954) 940';

const BUILDERS: Record<string, () => PhaseStructure> = {
  Li3YCl6: () => li3ycl6(),
  In: () =>
    phase(
      'In',
      'I 4/m m m',
      { ...cubicCell(3.2523), c_A: 4.9461 },
      2,
      'tetragonal In metal, cell at room temperature as tabulated for the element',
      [['In1', ['In', 0], 0, 0, 0]],
    ),
  LiIn: () =>
    phase(
      'LiIn',
      'F d -3 m:2',
      cubicCell(6.786),
      8,
      'NaTl type (Zintl and Brauer, Z. Phys. Chem. B20 (1933) 245), cell at room temperature',
      [
        ['In1', ['In', 0], 1 / 8, 1 / 8, 1 / 8],
        ['Li1', ['Li', 0], 3 / 8, 3 / 8, 3 / 8],
      ],
    ),
  LiCl: () =>
    phase('LiCl', 'F m -3 m', cubicCell(5.1295), 4, 'rock salt, cell at room temperature (PDF 4-664)', [
      ['Li1', LI, 0, 0, 0],
      ['Cl1', CL, 0.5, 0.5, 0.5],
    ]),
  YCl3: () =>
    phase('YCl3', 'C 1 2/m 1', monoclinicCell(6.92, 11.94, 6.44, 111.0), 4, `AlCl3 type; ${TEMPLETON}`, [
      ['Y1', Y, 0, 0.166, 0],
      ['Cl1', CL, 0.211, 0, 0.247],
      ['Cl2', CL, 0.229, 0.179, 0.76],
    ]),
  InCl3: () =>
    phase(
      'InCl3',
      'C 1 2/m 1',
      monoclinicCell(6.41, 11.1, 6.31, 109.8),
      4,
      `AlCl3 type; cell: ${TEMPLETON}; coordinates of the isotypic YCl3 (the original gives none)`,
      [
        ['In1', IN, 0, 0.166, 0],
        ['Cl1', CL, 0.211, 0, 0.247],
        ['Cl2', CL, 0.229, 0.179, 0.76],
      ],
    ),
  Li3InCl6: () =>
    phase(
      'Li3InCl6',
      'C 1 2/m 1',
      monoclinicCell(6.432, 11.093, 6.398, 109.8),
      2,
      'cell and sites: OBELiX de5 (coordinates to .01), occupancies closed to the formula; full Li sites 4h and 2d',
      [
        ['Li1', LI, 0, 0.168, 0.5],
        ['Li2', LI, 0, 0.5, 0.5],
        ['In1', IN, 0, 0.332, 0, 0.07],
        ['In2', IN, 0, 0, 0, 0.86],
        ['Cl1', CL, 0.2356, 0.16, 0.2313],
        ['Cl2', CL, 0.2447, 0, 0.7612],
      ],
    ),
  Y: () =>
    phase(
      'Y',
      'P 63/m m c',
      hexagonalCell(3.6482, 5.7318),
      2,
      'hcp Y metal, cell at room temperature as tabulated for the element',
      [['Y1', ['Y', 0], 1 / 3, 2 / 3, 0.25]],
    ),
  Li: () =>
    phase(
      'Li',
      'I m -3 m',
      cubicCell(3.5101),
      2,
      'bcc Li metal, cell at room temperature as tabulated for the element',
      [['Li1', ['Li', 0], 0, 0, 0]],
    ),
};

for (const variant of LI3YCL6_VARIANTS)
  if (variant !== 'default') BUILDERS[`Li3YCl6:${variant}`] = () => li3ycl6(variant);

/** Other names under which people know the phases. */
const ALIASES: Record<string, string> = { lyc: 'Li3YCl6', inli: 'LiIn', lic: 'LiCl' };

export const builtInPhaseNames = (): string[] => Object.keys(BUILDERS);

/** A built-in phase by name ('Li3YCl6', 'li3ycl6:ordered', 'LYC'), or null. */
export function findBuiltInPhase(name: string): PhaseStructure | null {
  const wanted = name.trim().toLowerCase();
  const known = ALIASES[wanted] ?? builtInPhaseNames().find((n) => n.toLowerCase() === wanted);
  return known ? BUILDERS[known]!() : null;
}

/** A built-in phase by name. Throws InputError for an unknown one. */
export function builtInPhase(name: string): PhaseStructure {
  const found = findBuiltInPhase(name);
  if (!found)
    throw new InputError(
      `'${name}' is no built-in phase`,
      null,
      `known are ${builtInPhaseNames().join(', ')}; or give a CIF`,
    );
  return found;
}
