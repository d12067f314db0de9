import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { structureFromCif, structuresFromCif } from '../../src/formats/crystal/cif.js';
import { parseCif } from '../../src/formats/crystal/cif-syntax.js';
import { resolvePhase } from '../../src/formats/crystal/phase.js';
import { formatFormula } from '../../src/reference/formula.js';
import { chargeOf, compositionOf } from '../../src/xrd/crystal/composition.js';
import { bOfU_A2 } from '../../src/xrd/crystal/debye-waller.js';
import { buildLineTable } from '../../src/xrd/crystal/line-table.js';
import { substitute } from '../../src/xrd/crystal/substitution.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const QUARTZ = `#\\#CIF_1.1
data_quartz
_chemical_name_common 'alpha-quartz, a dog's stone'
_chemical_formula_sum 'O2 Si'
_cell_length_a 4.9137(2)
_cell_length_b 4.9137(2)
_cell_length_c 5.4047(3)
_cell_angle_gamma 120
_cell_formula_units_Z 3
_space_group_name_H-M_alt 'P 32 2 1'
_publ_section_comment
;
loop_
_this is no loop; it is text
;
loop_
_atom_site_label _atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y _atom_site_fract_z
_atom_site_U_iso_or_equiv _atom_site_occupancy
Si1 Si4+ 0.4697(2) 0 .6667
0.0075(3) 1 # a row over two lines
O1 O2- 0.4135 0.2669 0.7858 0.016 1
loop_
_atom_site_aniso_label _atom_site_aniso_U_11 _atom_site_aniso_U_22 _atom_site_aniso_U_33
_atom_site_aniso_U_12 _atom_site_aniso_U_13 _atom_site_aniso_U_23
Si1 .0070 .0060 .0060 .0030 -.0001 -.0002
`;

const edit = (from: string | RegExp, to: string) => QUARTZ.replace(from, to);

describe('CIF', () => {
  it('reads quotes, text fields, comments, esds, rows over lines', () => {
    const { structure, warnings } = structureFromCif(QUARTZ, 'q.cif');
    expect(warnings).toEqual([]);
    expect(structure.name).toBe('quartz');
    expect(structure.cell).toMatchObject({ a_A: 4.9137, c_A: 5.4047, alpha_deg: 90, gamma_deg: 120 });
    expect(structure.spaceGroup.number).toBe(154);
    expect(structure.operations).toHaveLength(6);
    expect(structure.formulaUnits).toBe(3);
    expect(formatFormula(compositionOf(structure))).toBe('SiO2');
    expect(chargeOf(structure)).toBeCloseTo(0, 9);
    expect(structure.sites[1]).toMatchObject({ label: 'O1', B_A2: bOfU_A2(0.016), U_A2: null });
    expect(structure.sites[0]!.U_A2).toEqual([0.007, 0.006, 0.006, -0.0002, -0.0001, 0.003]);
  });

  it('listed operations win over the symbol, with a warning where they differ', () => {
    const listed = edit(
      '_publ_section_comment',
      "loop_\n_space_group_symop_operation_xyz\n'x,y,z'\n'-y,x-y,z+2/3'\n'-x+y,-x,z+.3333'\n_publ_section_comment",
    );
    const { structure, warnings } = structureFromCif(listed, 'q.cif');
    expect(structure.operations).toHaveLength(3);
    expect(warnings.join()).toMatch(/3 listed symmetry operations are not those of P 32 2 1 \(6\)/);
  });

  it('takes the number where there is no symbol, and says which setting it assumed', () => {
    const { structure } = structureFromCif(
      edit(/_space_group_name_H-M_alt.*/, '_symmetry_Int_Tables_number 154'),
    );
    expect(structure.operations).toHaveLength(6);
    const cubic = edit(/_space_group_name.*/, "_symmetry_space_group_name_H-M 'F d 3 m'").replaceAll(
      ' 120\n',
      ' 90\n',
    );
    expect(structureFromCif(cubic).warnings.join()).toMatch(/origin choice 2/);
  });

  it('mixed and partial occupancy share a site', () => {
    const mixed = edit('O1 O2-', 'Ge1 Ge4+ 0.4697 0 .6667 0.0075 0.25\nO1 O2-')
      .replace('0.0075(3) 1 #', '0.0075(3) 0.75 #')
      .replace(/loop_\n_atom_site_aniso[\s\S]*$/, '');
    const { structure, warnings } = structureFromCif(mixed);
    expect(structure.sites).toHaveLength(2);
    expect(structure.sites[0]!.occupants.map((o) => [o.element, o.occupancy])).toEqual([
      ['Si', 0.75],
      ['Ge', 0.25],
    ]);
    expect(warnings.join()).toMatch(/the atom sites give Si0.75Ge0.25O2, the formula says O2Si/);
  });

  it('takes elements from labels, in capitals too', () => {
    const bare = edit('_atom_site_label _atom_site_type_symbol', '_atom_site_label')
      .replace('Si1 Si4+', 'SI1')
      .replace('O1 O2-', 'O1');
    const { structure } = structureFromCif(bare.replace(/loop_\n_atom_site_aniso[\s\S]*$/, ''));
    expect(structure.sites.map((s) => s.occupants[0]!.element)).toEqual(['Si', 'O']);
  });

  it('atoms that the CIF calls neutral stay neutral', () => {
    const guessed = structureFromCif(edit('Si4+', 'Si').replace('O2-', 'O'));
    expect(guessed.structure.sites[1]!.occupants[0]!.charge).toBe(-2);
    const { structure, warnings } = structureFromCif(edit('Si4+', 'Si0+').replace('O2-', 'O0+'));
    expect(structure.sites.map(({ occupants: [o] }) => o!.charge)).toEqual([0, 0]);
    expect(warnings).toEqual([]);
  });

  it('ions that share a site and its U_ij are one site', () => {
    const shared = edit('O1 O2-', 'Ge1 Ge4+ 0.4697 0 .6667 0.0075 0.25\nO1 O2-')
      .replace('0.0075(3) 1 #', '0.0075(3) 0.75 #')
      .replace(/\n$/, '\nGe1 .0070 .0060 .0060 .0030 -.0001 -.0002\n');
    const [site] = structureFromCif(shared).structure.sites;
    expect(site).toMatchObject({ label: 'Si1/Ge1', U_A2: [0.007, 0.006, 0.006, -0.0002, -0.0001, 0.003] });
    expect(site!.occupants.map((o) => o.occupancy)).toEqual([0.75, 0.25]);
  });

  it('warns of charges that do not balance', () => {
    expect(structureFromCif(edit('Si4+', 'Si3+')).warnings.join()).toMatch(
      /charges of a formula unit sum to -1/,
    );
  });

  it('reads several blocks', () => {
    const two = `${QUARTZ}\n${QUARTZ.replace('data_quartz', 'data_second')}\ndata_empty\n_audit_x 1\n`;
    expect(structuresFromCif(two).map((s) => s.structure.name)).toEqual(['quartz', 'second']);
    expect(structureFromCif(two).warnings.join()).toMatch(/1 more structures \(second\); the first is used/);
  });

  it('passes over blocks without atoms, and over a faulty one beside a good one', () => {
    const empty = QUARTZ.replace('data_quartz', 'data_empty').replace(
      /Si1 Si4\+[\s\S]*?loop_/,
      '? ? ? ? ? ? ?\nloop_',
    );
    expect(structuresFromCif(`${empty}\n${QUARTZ}`).map((s) => s.structure.name)).toEqual(['quartz']);
    const faulty = QUARTZ.replace('data_quartz', 'data_faulty').replace(
      '_cell_length_a 4.9137(2)',
      '_cell_length_a -1',
    );
    const { structure, warnings } = structureFromCif(`${faulty}\n${QUARTZ}`);
    expect(structure.name).toBe('quartz');
    expect(warnings.join()).toMatch(/left out: the cell's a is -1/);
  });

  it("takes '.' for a zero coordinate, as ICSD writes it", () => {
    const { structure } = structureFromCif(edit('0.4697(2) 0 .6667', '.4697 . .6667'));
    expect(structure.sites[0]!.position).toEqual([0.4697, 0, 0.6667]);
    expect(structureFromCif(edit('0.4697(2) 0 .6667', '.4697 ? .6667')).warnings.join()).toMatch(
      /no coordinates/,
    );
  });

  it('warns of a U that is called B', () => {
    expect(structureFromCif(edit('_U_iso_or_equiv', '_B_iso_or_equiv')).warnings.join()).toMatch(
      /looks like a U/,
    );
  });

  it.each([
    ['nothing', ''],
    ['no block', 'hello'],
    ['an open text field', `${QUARTZ}\n_x\n;never closed\n`],
    ['an open quote', edit("dog's stone'", 'dog')],
    ['a ragged loop', edit('0.016 1', '0.016')],
    ['a missing cell', edit(/_cell_length_c.*/, '')],
    ['an impossible cell', edit('_cell_length_a 4.9137(2)', '_cell_length_a -4')],
    ['a word for a number', edit('0.2669', 'abc')],
    ['an unknown space group', edit('P 32 2 1', 'P 99')],
    ['no symmetry', edit(/_space_group_name.*/, '')],
    ['an unknown element', edit('Si1 Si4+', 'Qq1 Qq4+')],
    ['a site with two atoms', edit('0.016 1', '0.016 1.5')],
    ['a negative occupancy', edit('0.016 1', '0.016 -0.5')],
    [
      'an operation that is none',
      edit('_publ_section_comment', "_symmetry_equiv_pos_as_xyz 'x,y,y,z'\n_publ_section_comment"),
    ],
    [
      'operations that do not close',
      edit(
        '_publ_section_comment',
        'loop_\n_symmetry_equiv_pos_as_xyz x,y,z x,y,z+0.173 \n_publ_section_comment',
      ),
    ],
  ])('refuses %s, in one line', (_, text) => {
    let thrown: unknown = null;
    try {
      structureFromCif(text, 'bad.cif');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).message).toMatch(/^bad\.cif/);
    expect((thrown as InputError).message).not.toContain('\n');
  });

  it('never throws anything but an InputError, whatever is cut or swapped', () => {
    const characters = QUARTZ.length;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: characters }),
        fc.integer({ min: 0, max: characters }),
        fc.string({ maxLength: 8 }),
        (a, b, noise) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          try {
            structureFromCif(QUARTZ.slice(0, from) + noise + QUARTZ.slice(to), 'x.cif');
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('keeps the syntax apart from its meaning', () => {
    const [block] = parseCif("data_a _b 'x y' _c ? loop_ _d _e 1 '2 ''3' \"4'\" 5");
    expect(block!.items.get('_b')!.text).toBe('x y');
    expect(block!.loops[0]!.rows.map((row) => row.map((v) => v.text))).toEqual([
      ['1', "2 ''3"],
      ["4'", '5'],
    ]);
  });

  it('resolves phases by name and by CIF', () => {
    expect(resolvePhase({ name: 'LiIn', cif: null }).structure.formulaUnits).toBe(8);
    expect(resolvePhase({ name: 'my phase', cif: QUARTZ }).structure.name).toBe('my phase');
    expect(() => resolvePhase({ name: 'nonsense', cif: null })).toThrow(InputError);
  });
});

const sharedText = (name: string) => readFileSync(sharedData + name, 'utf8');

describeReal('CIFs of others', () => {
  it('Li3YCl6 of OBELiX: ions, formula units and sites for indium are found', () => {
    const { structure } = structureFromCif(sharedText('crystal/OBELiX_ei3_Li3YCl6.cif'));
    expect(structure.formulaUnits).toBe(3);
    expect(formatFormula(compositionOf(structure))).toBe('Li3YCl6');
    expect(structure.sites[0]!.occupants[0]).toMatchObject({ element: 'Li', charge: 1 });
    const doped = substitute(structure, { kind: 'in-on-6h' }, 0.2);
    expect(compositionOf(doped).get('In')).toBeCloseTo(0.2, 9);
    const table = buildLineTable(structure, {
      wavelength_A: 1.2398,
      twoThetaMin_deg: 10,
      twoThetaMax_deg: 40,
    });
    expect(table.count).toBeGreaterThan(20);
  });

  it('Li3InCl6 of OBELiX: stays as listed', () => {
    const { structure } = structureFromCif(sharedText('crystal/OBELiX_de5_Li3InCl6.cif'));
    expect(formatFormula(compositionOf(structure))).toBe('Li6In2.03Cl12');
    expect(structure.spaceGroup.number).toBe(12);
  });

  it('reads the dotted names of the newer dictionaries', () => {
    const dotted = QUARTZ.replaceAll('_cell_', '_cell.')
      .replaceAll('_atom_site_aniso_', '_atom_site_aniso.')
      .replaceAll(/_atom_site_(?!aniso)/g, '_atom_site.')
      .replace('_space_group_name', '_space_group.name')
      .replace('_chemical_formula_', '_chemical_formula.');
    expect(structureFromCif(dotted)).toEqual(structureFromCif(QUARTZ));
  });

  it('takes the operations of a magnetic structure without their time reversal', () => {
    const magnetic = edit(
      "_space_group_name_H-M_alt 'P 32 2 1'",
      `loop_
_space_group_symop_magn_operation.id
_space_group_symop_magn_operation.xyz
1 x,y,z,+1
2 -y,x-y,z+2/3,+1
3 y,x,-z,-1
loop_
_space_group_symop_magn_centering.id
_space_group_symop_magn_centering.xyz
1 x,y,z,+1
2 x,y,z,-1`,
    );
    const { structure } = structureFromCif(magnetic);
    expect(structure.spaceGroup.number).toBe(154);
    expect(structure.operations).toHaveLength(6);
  });

  it('names the group of operations that come without a symbol', () => {
    const listed = edit(
      "_space_group_name_H-M_alt 'P 32 2 1'",
      "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n'-y, x-y, z+2/3'\n'-x+y, -x, z+1/3'\ny,x,-z\n-x,-x+y,-z+2/3\nx-y,-y,-z+1/3",
    );
    expect(structureFromCif(listed).structure.spaceGroup).toEqual({ number: 154, symbol: 'P 32 2 1' });
  });

  it('warns of a cell that cannot have the symmetry', () => {
    const warnings = (text: string) => structureFromCif(text).warnings.join();
    expect(warnings(edit('_cell_length_b 4.9137(2)', '_cell_length_b 5.3'))).toMatch(
      /does not have the symmetry/,
    );
    expect(warnings(edit('_cell_length_b 4.9137(2)', '_cell_length_b 4.915'))).not.toMatch(/symmetry/);
  });

  it('says which Hall symbol it does not know', () => {
    const unknown = edit("_space_group_name_H-M_alt 'P 32 2 1'", "_space_group_name_Hall 'P 9 9'");
    expect(() => structureFromCif(unknown)).toThrow(/Hall symbol 'P 9 9'/);
  });

  it('refuses a long list of atoms before it has read it, cells without volume, coordinates in angstrom', () => {
    const rows = Array.from({ length: 6000 }, (_, i) => `Si${i} Si4+ .1 .2 .3 .01 1`).join('\n');
    expect(() => structureFromCif(edit('O1 O2- 0.4135', `${rows}\nO1 O2- 0.4135`), 'q.cif')).toThrow(
      /q.cif:16: the loop of _atom_site_fract_x has more than 5000 rows/,
    );
    expect(() =>
      structureFromCif(
        edit('_cell_angle_gamma 120', '_cell_angle_alpha 60\n_cell_angle_beta 60\n_cell_angle_gamma 119.999'),
      ),
    ).toThrow(InputError);
    expect(() => structureFromCif(edit('0.4135 0.2669', '413.5 0.2669'))).toThrow(/far outside the cell/);
  });

  it('refuses more lines of more sites than memory holds', () => {
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `Si${i} Si ${(i * 0.61803) % 1} ${(i * 0.41421) % 1} ${(i * 0.73205) % 1}`,
    ).join('\n');
    const large = `data_large
_cell_length_a 50
_cell_length_b 50
_cell_length_c 50
_space_group_name_H-M_alt 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
${rows}
`;
    const { structure } = structureFromCif(large);
    const range = { wavelength_A: 1.54, twoThetaMin_deg: 5 };
    expect(() => buildLineTable(structure, { ...range, twoThetaMax_deg: 60 })).toThrow(/too many/);
  });
});
