/** Alpha quartz, a structure without inversion: cell and coordinates after Levien, Prewitt and Weidner (1980). */
export const QUARTZ = `data_quartz
_cell_length_a 4.916
_cell_length_b 4.916
_cell_length_c 5.4054
_cell_angle_gamma 120
_chemical_formula_sum 'O2 Si'
_space_group_name_H-M_alt 'P 32 2 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Si1 Si 0.4697 0 .66667
O1 O 0.4135 0.2669 0.7858
`;
