import { describe, expect, it } from 'vitest';
import { structureFromCif } from '../../src/formats/crystal/cif.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { compositionOf } from '../../src/xrd/crystal/composition.js';
import { siteMultiplicity } from '../../src/xrd/crystal/site-orbit.js';
import type { Site } from '../../src/xrd/crystal/structure.js';
import { siteParameters } from '../../src/xrd/pattern/site-parameters.js';

/** A layered cathode with nickel and lithium in the places of each other; rows as a CIF has them. */
const layered = (lithium: string, nickel: string) =>
  structureFromCif(
    `data_x
_cell_length_a 2.879
_cell_length_b 2.879
_cell_length_c 14.2
_cell_angle_gamma 120
_space_group_name_H-M_alt 'R -3 m'
_cell_formula_units_Z 3
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_B_iso_or_equiv
${lithium}
${nickel}
Mn1 Mn4+ 0 0 0 0.3 0.5
O1 O2- 0 0 0.258 1 0.7`,
    'layered',
  ).structure;

const apart = layered('Li1 Li1+ 0 0 0.5 0.97 1.2\nNi2 Ni3+ 0 0 0.5 0.03 0.6', 'Ni1 Ni3+ 0 0 0 0.7 0.5');
const occupancies = (sites: readonly Site[]) =>
  Object.fromEntries(
    sites.flatMap(({ label, occupants }) =>
      occupants.map(({ element, occupancy }) => [`${element} on ${label}`, Number(occupancy.toFixed(9))]),
    ),
  );

describe('parameters of single sites', () => {
  it('the total of a site stays, also where its ions stand in rows with displacements of their own', () => {
    expect(apart.sites.map(({ label }) => label)).toEqual(['Li1', 'Ni2', 'Ni1/Mn1', 'O1']);
    const [occ] = siteParameters(apart, ['occ:Ni2']);
    expect(occ).toMatchObject({ value: 0.03, min: 0, max: 1 });
    expect(occupancies(occ!.apply(apart.sites, 0.2))).toMatchObject({ 'Li on Li1': 0.8, 'Ni on Ni2': 0.2 });
  });

  it('an ion of a mixed site is called by its own label', () => {
    const [occ] = siteParameters(apart, ['occ:Mn1']);
    expect(occ!.value).toBe(0.3);
    expect(occupancies(occ!.apply(apart.sites, 0.1))).toMatchObject({
      'Ni on Ni1/Mn1': 0.9,
      'Mn on Ni1/Mn1': 0.1,
    });
  });

  it.each(['apart', 'none there yet'])('an exchange keeps every element and every site full: %s', (kind) => {
    const structure = kind === 'apart' ? apart : layered('Li1 Li1+ 0 0 0.5 1 1.2', 'Ni1 Ni3+ 0 0 0 0.7 0.5');
    const [exchange] = siteParameters(structure, ['exchange:Li1,Ni1']);
    const sites = exchange!.apply(structure.sites, 0.1);
    const changed = { ...structure, sites };
    for (const [element, n] of compositionOf(structure))
      expect(compositionOf(changed).get(element)).toBeCloseTo(n, 9);
    const at = (z: number): number =>
      sites
        .filter((s) => s.position[2] === z)
        .flatMap((s) => s.occupants)
        .reduce((sum, o) => sum + o.occupancy, 0);
    expect(at(0.5)).toBeCloseTo(1, 9);
    expect(at(0)).toBeCloseTo(1, 9);
    expect(exchange!.max).toBeCloseTo(0.7, 9);
    expect(exchange!.min).toBeCloseTo(0, 9);
  });

  it('an exchange counts atoms, not shares, where sites differ in multiplicity', () => {
    const structure = builtInPhase('Li3YCl6');
    const [exchange] = siteParameters(structure, ['exchange:Li1,Y1']);
    const changed = { ...structure, sites: exchange!.apply(structure.sites, 0.05) };
    expect(compositionOf(changed).get('Y')).toBeCloseTo(1, 9);
    expect(occupancies(changed.sites)).toMatchObject({ 'Y on Li1': 0.05, 'Y on Y1': 0.7, 'Li on Y1': 0.3 });
    expect(exchange!.max).toBeCloseTo(1 / 6, 9);
  });

  it('a coordinate takes those along that symmetry ties to it, and keeps the multiplicity', () => {
    const structure = builtInPhase('Li3YCl6');
    const at = structure.sites.findIndex(({ label }) => label === 'Cl1');
    const [x] = siteParameters(structure, ['x:Cl1']);
    const moved = x!.apply(structure.sites, 0.16)[at]!;
    expect(moved.position[0]).toBeCloseTo(0.16, 12);
    expect(moved.position[1]).toBeCloseTo(-0.16, 12);
    expect(moved.position[2]).toBe(0.7827);
    expect(siteMultiplicity(structure, moved)).toBe(6);
    const [z] = siteParameters(structure, ['z:Cl1']);
    expect(z!.apply(structure.sites, 0.75)[at]!.position).toEqual([0.1133, -0.1133, 0.75]);
  });

  it.each([
    [['x:Y1'], /symmetry holds x of Y1 at 0/],
    [['x:Cl1', 'y:Cl1'], /change the same/],
    [['occ:Li1', 'exchange:Li1,Y1'], /change the same/],
    [['exchange:Li1'], /two sites/],
    [['exchange:Li1,Li1'], /on one site/],
    [['occ:Y9'], /no site 'Y9'/],
    [['q:Y1'], /no site parameter/],
  ])('refuses what cannot be refined: %j', (names, message) => {
    expect(() => siteParameters(builtInPhase('Li3YCl6'), names)).toThrow(message);
  });
});
