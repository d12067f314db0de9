import { type Cell, reciprocalMetric } from '../../../src/xrd/crystal/cell.js';
import { bOfU_A2, defaultB_A2 } from '../../../src/xrd/crystal/debye-waller.js';
import type { Occupant, PhaseStructure, Site } from '../../../src/xrd/crystal/structure.js';

/**
 * A structure as a CIF with symbols, charges and displacements written out, for us and for other programs alike.
 * `added_A2` is a B on top of every atom's own.
 */
export function cifText({ cell, spaceGroup, sites, formulaUnits }: PhaseStructure, added_A2 = 0): string {
  const added = isotropic(cell).map((u) => (u * added_A2) / bOfU_A2(1));
  const atoms = sites.flatMap((site) => site.occupants.map((o, i) => ({ site, o, label: labelOf(site, i) })));
  const rows = atoms.map(({ site, o, label }) =>
    [
      label,
      typeOf(o),
      ...site.position.map((x) => x.toFixed(8)),
      o.occupancy.toFixed(6),
      site.U_A2 ? 'Uani' : 'Uiso',
      (isotropicU(site, o) + added[0]!).toFixed(6),
    ].join(' '),
  );
  const anisotropic = atoms.flatMap(({ site: { U_A2: u }, label }) =>
    u ? [[label, ...[0, 1, 2, 5, 4, 3].map((i) => (u[i]! + added[i]!).toFixed(6))].join(' ')] : [],
  );
  return `data_structure
_cell_length_a ${cell.a_A.toFixed(6)}
_cell_length_b ${cell.b_A.toFixed(6)}
_cell_length_c ${cell.c_A.toFixed(6)}
_cell_angle_alpha ${cell.alpha_deg.toFixed(5)}
_cell_angle_beta ${cell.beta_deg.toFixed(5)}
_cell_angle_gamma ${cell.gamma_deg.toFixed(5)}
_symmetry_space_group_name_H-M '${spaceGroup.symbol}'
_cell_formula_units_Z ${formulaUnits}
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_adp_type
_atom_site_U_iso_or_equiv
${rows.join('\n')}
${anisotropic.length > 0 ? `${ANISOTROPIC}${anisotropic.join('\n')}\n` : ''}`;
}

const ANISOTROPIC = `loop_
_atom_site_aniso_label
_atom_site_aniso_U_11
_atom_site_aniso_U_22
_atom_site_aniso_U_33
_atom_site_aniso_U_12
_atom_site_aniso_U_13
_atom_site_aniso_U_23
`;

/** Ions that share a site stand in rows of their own, each named by itself. */
function labelOf({ label, occupants }: Site, i: number): string {
  const labels = label.split('/');
  return labels.length === occupants.length ? labels[i]! : `${label}_${occupants[i]!.element}`;
}

/** '0+' keeps an atom neutral, which is otherwise guessed to be an ion. */
/** '0+' keeps an atom neutral, which is otherwise guessed to be an ion. */
const typeOf = ({ element, charge }: Occupant): string =>
  `${element}${Math.abs(charge)}${charge < 0 ? '-' : '+'}`;

const isotropicU = ({ B_A2, U_A2 }: Site, { element }: Occupant): number =>
  U_A2 ? (U_A2[0] + U_A2[1] + U_A2[2]) / 3 : (B_A2 ?? defaultB_A2(element)) / bOfU_A2(1);

/** An isotropic U of 1 as U_ij of CIF, [11, 22, 33, 23, 13, 12]: cosines of the reciprocal angles stand off the diagonal. */
function isotropic(cell: Cell): number[] {
  const [s11, s22, s33, s23, s13, s12] = reciprocalMetric(cell);
  return [1, 1, 1, s23 / Math.sqrt(s22 * s33), s13 / Math.sqrt(s11 * s33), s12 / Math.sqrt(s11 * s22)];
}
