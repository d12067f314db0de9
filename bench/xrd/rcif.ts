import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';

/** cryspy's codes of the settings in which the built-in structures stand, by number of the group. */
const SETTINGS: Record<number, string> = { 12: 'b1', 227: '2' };
const ION: Record<string, string> = { Li: 'Li1+', Y: 'Y3+', Cl: 'Cl1-' };

/** A structure in cryspy's kind of CIF; `lengths` stand for those of its cell. Sites without B are at rest. */
export function rcif(
  { cell, spaceGroup, sites }: PhaseStructure,
  lengths: Record<'a' | 'b' | 'c', string | number> = { a: cell.a_A, b: cell.b_A, c: cell.c_A },
): string {
  const rows = sites.map(({ label, occupants: [o], position, B_A2, U_A2 }) =>
    [
      label,
      o!.charge === 0 ? o!.element : ION[o!.element],
      ...position.map((x) => x.toFixed(8)),
      o!.occupancy,
      ...(U_A2 ? ['Uani', 0] : ['Biso', B_A2 ?? 0]),
    ].join(' '),
  );
  return `data_crystal
_cell_length_a ${lengths.a}
_cell_length_b ${lengths.b}
_cell_length_c ${lengths.c}
_cell_angle_alpha ${cell.alpha_deg}
_cell_angle_beta ${cell.beta_deg}
_cell_angle_gamma ${cell.gamma_deg}
_space_group_name_H-M_alt "${spaceGroup.symbol === 'C 2/m' ? 'C 1 2/m 1' : spaceGroup.symbol}"
_space_group_it_coordinate_system_code ${SETTINGS[spaceGroup.number!] ?? 1}
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_adp_type
_atom_site_B_iso_or_equiv
${rows.join('\n')}
${anisotropic(sites)}`;
}

function anisotropic(sites: PhaseStructure['sites']): string {
  const rows = sites.flatMap(({ label, U_A2 }) =>
    U_A2 ? [[label, U_A2[0], U_A2[1], U_A2[2], U_A2[5], U_A2[4], U_A2[3]].join(' ')] : [],
  );
  if (rows.length === 0) return '';
  return `loop_
_atom_site_aniso_label
_atom_site_aniso_U_11
_atom_site_aniso_U_22
_atom_site_aniso_U_33
_atom_site_aniso_U_12
_atom_site_aniso_U_13
_atom_site_aniso_U_23
${rows.join('\n')}
`;
}
