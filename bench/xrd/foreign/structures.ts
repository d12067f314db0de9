/**
 * Well-known structures that are not built in, in the words of a CIF. Oxygen is neutral: tables of form factors differ by up to
 * 3 % for O2-, and by .1 % for the atom.
 */
import { structureFromCif } from '../../../src/formats/crystal/cif.js';
import type { PhaseStructure } from '../../../src/xrd/crystal/structure.js';

type Cell = [a: number, b: number, c: number, alpha: number, beta: number, gamma: number];
/** Label, type, x, y, z, occupancy, U_iso, and U_ij as [11, 22, 33, 12, 13, 23] where the site has them. */
type Atom = [string, string, number, number, number, number, number, number[]?];

function structure(name: string, group: string, cell: Cell, Z: number, atoms: Atom[]): PhaseStructure {
  const lines = ['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma'].map(
    (what, i) => `_cell_${what} ${cell[i]}`,
  );
  const loop = (tags: string[], rows: string[]): string[] =>
    rows.length > 0 ? ['loop_', ...tags, ...rows] : [];
  const text = [
    `data_${name}`,
    ...lines,
    `_symmetry_space_group_name_H-M '${group}'`,
    `_cell_formula_units_Z ${Z}`,
    ...loop(
      ['label', 'type_symbol', 'fract_x', 'fract_y', 'fract_z', 'occupancy', 'U_iso_or_equiv'].map(
        (tag) => `_atom_site_${tag}`,
      ),
      atoms.map((atom) => atom.slice(0, 7).join(' ')),
    ),
    ...loop(
      ['label', 'U_11', 'U_22', 'U_33', 'U_12', 'U_13', 'U_23'].map((tag) => `_atom_site_aniso_${tag}`),
      atoms.flatMap(([label, , , , , , , u]) => (u ? [[label, ...u].join(' ')] : [])),
    ),
  ].join('\n');
  return { ...structureFromCif(text, name).structure, name };
}

export const pbso4 = structure('PbSO4', 'P n m a', [8.48, 5.398, 6.96, 90, 90, 90], 4, [
  ['Pb', 'Pb2+', 0.1882, 0.25, 0.167, 1, 0.0174],
  ['S', 'S', 0.0653, 0.25, 0.6839, 1, 0.0048],
  ['O1', 'O', 0.9082, 0.25, 0.5945, 1, 0.025],
  ['O2', 'O', 0.1935, 0.25, 0.5428, 1, 0.0182],
  ['O3', 'O', 0.0811, 0.0272, 0.8086, 1, 0.0162],
]);

/** Anglesite to barite: lead and barium share a site. */
export const mixedSulphate = structure('PbBaSO4', 'P n m a', [8.68, 5.427, 7.058, 90, 90, 90], 4, [
  ['Pb', 'Pb2+', 0.186, 0.25, 0.163, 0.5, 0.0174],
  ['Ba', 'Ba2+', 0.186, 0.25, 0.163, 0.5, 0.0174],
  ['S', 'S', 0.0643, 0.25, 0.6865, 1, 0.0048],
  ['O1', 'O', 0.9105, 0.25, 0.5945, 1, 0.025],
  ['O2', 'O', 0.1909, 0.25, 0.5444, 1, 0.0182],
  ['O3', 'O', 0.0806, 0.029, 0.8095, 1, 0.0162],
]);

/** Kihara, Eur. J. Mineral. 2 (1990) 63, at 298 K. */
export const quartz = structure('quartz', 'P 32 2 1', [4.9137, 4.9137, 5.4047, 90, 90, 120], 3, [
  ['Si', 'Si0+', 0.4697, 0, 2 / 3, 1, 0.006, [0.0066, 0.0051, 0.006, 0.00255, -0.00015, -0.0003]],
  ['O', 'O0+', 0.4135, 0.2669, 0.7858, 1, 0.012, [0.0156, 0.0115, 0.0119, 0.0073, -0.0029, -0.0046]],
]);

/** Howard, Hill & Reichert, Acta Cryst. B44 (1988) 116; U_ij are made up within what vibrations are. */
export const baddeleyite = structure(
  'baddeleyite',
  'P 1 21/c 1',
  [5.1505, 5.2116, 5.3173, 90, 99.23, 90],
  4,
  [
    ['Zr', 'Zr0+', 0.2754, 0.0395, 0.2083, 1, 0.006, [0.0052, 0.0068, 0.006, 0.0006, 0.0011, -0.0004]],
    ['O1', 'O0+', 0.07, 0.3317, 0.3447, 1, 0.01, [0.0125, 0.0078, 0.0094, -0.0021, 0.0025, 0.0016]],
    ['O2', 'O0+', 0.4496, 0.7569, 0.4792, 1, 0.008, [0.006, 0.0098, 0.0082, 0.0012, -0.0015, 0.002]],
  ],
);

export const calcite = structure('calcite', 'R -3 c', [4.9896, 4.9896, 17.061, 90, 90, 120], 6, [
  ['Ca', 'Ca2+', 0, 0, 0, 1, 0.009],
  ['C', 'C', 0, 0, 0.25, 1, 0.009],
  ['O', 'O', 0.2568, 0, 0.25, 1, 0.013],
]);

export const lab6 = structure('LaB6', 'P m -3 m', [4.15689, 4.15689, 4.15689, 90, 90, 90], 1, [
  ['La', 'La', 0, 0, 0, 1, 0.006],
  ['B', 'B', 0.1995, 0.5, 0.5, 1, 0.005],
]);

export const silicon = structure('silicon', 'F d -3 m', [5.43102, 5.43102, 5.43102, 90, 90, 90], 8, [
  ['Si', 'Si', 0.125, 0.125, 0.125, 1, 0.006],
]);

/** A layered cathode with some nickel among the lithium. */
export const nickelate = structure('LiNiO2', 'R -3 m', [2.879, 2.879, 14.2, 90, 90, 120], 3, [
  ['Li1', 'Li1+', 0, 0, 0.5, 0.97, 0.012],
  ['Ni2', 'Ni3+', 0, 0, 0.5, 0.03, 0.012],
  ['Ni1', 'Ni3+', 0, 0, 0, 0.97, 0.005],
  ['Li2', 'Li1+', 0, 0, 0, 0.03, 0.005],
  ['O', 'O0+', 0, 0, 0.258, 1, 0.009],
]);
