import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolvePhase } from '../../src/formats/crystal/phase.js';
import { readPattern } from '../../src/formats/patterns/pattern.js';
import { tubeWavelengths } from '../../src/xrd/pattern/radiation.js';
import { refinablePhase } from '../../src/xrd/pattern/refinable-phase.js';
import { axialCellNotes } from '../../src/xrd/refine/axial-cell.js';
import { refinePattern } from '../../src/xrd/refine/refine-pattern.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const cif = readFileSync(new URL('./data/pbso4.cif', import.meta.url), 'utf8');
const { structure } = resolvePhase({ name: 'PbSO4', cif });
const range = { wavelength_A: 1.5405929, twoThetaMin_deg: 7, twoThetaMax_deg: 103 };
const lab = { lorentzPolarisation: { integration: 'lab' as const } };

describeReal('PbSO4 measured on a laboratory diffractometer', () => {
  const { pattern } = readPattern(join(sharedData, 'xrd/ed-16.dat'));
  const phase = refinablePhase(structure, range);

  it('refines to the published cell, 8.4803 5.3986 6.9600, within .002 angstrom', () => {
    const fit = refinePattern(pattern, [phase], {
      ...lab,
      wavelengths: tubeWavelengths('Cu Ka')!,
      refine: ['zero', 'widths', '*.cell'],
    });
    expect(fit.converged).toBe(true);
    for (const [i, length] of [8.4803, 5.3986, 6.96].entries())
      expect(Math.abs(fit.phases[0]!.cell[i]! - length)).toBeLessThan(0.002);
    expect(fit.r.rwp_percent).toBeLessThan(10.5);
    expect(fit.phases[0]!.rBragg_percent).toBeLessThan(5);
  });

  it('shows that the tube gave both K alpha lines, and that axial divergence is there', () => {
    const rwp = (wavelength: string, refine: string[]): number =>
      refinePattern(pattern, [phase], { ...lab, wavelengths: tubeWavelengths(wavelength)!, refine }).r
        .rwp_percent;
    const doublet = rwp('Cu Ka', ['zero', 'W', 'X', '*.cell']);
    expect(rwp('Cu Ka1', ['zero', 'W', 'X', '*.cell'])).toBeGreaterThan(doublet + 3);
    expect(rwp('Cu Ka', ['zero', 'W', 'X', 'SH/L', '*.cell'])).toBeLessThan(doublet - 0.8);
  });

  it('says what axial divergence does to the cell', () => {
    const options = {
      ...lab,
      wavelengths: tubeWavelengths('Cu Ka')!,
      refine: ['zero', 'widths', 'SH/L', '*.cell'],
    };
    const fit = refinePattern(pattern, [phase], options);
    const [note] = axialCellNotes(pattern, [phase], options, fit);
    expect(note).toMatch(/^PbSO4: without SH\/L the cell is 8\.479\d .* with it 8\.483\d /);
    expect(axialCellNotes(pattern, [phase], { ...options, refine: ['zero'] }, fit)).toEqual([]);
  });

  it('says when B falls below zero', () => {
    const stiff = { ...structure, sites: structure.sites.map((site) => ({ ...site, B_A2: 6 })) };
    const options = {
      ...lab,
      wavelengths: tubeWavelengths('Cu Ka')!,
      refine: ['zero', 'W', '*.cell', '*.B'],
    };
    const refined = (sites: typeof stiff) => refinePattern(pattern, [refinablePhase(sites, range)], options);
    expect(refined(stiff).notes.join()).not.toMatch(/below zero/);
    const soft = {
      ...stiff,
      sites: stiff.sites.map((site) => (site.label === 'S' ? { ...site, B_A2: 1 } : site)),
    };
    expect(refined(soft).notes.join()).toMatch(/PbSO4\.B takes B of S to -\d\.\d\d, below zero/);
  });

  it('moves lead and sulphur to where the literature has them', () => {
    // Moved on purpose by .01; published Pb .1882 .1670, S .0653 .6839 (x, z).
    const moved = {
      ...structure,
      sites: structure.sites.map((site) =>
        site.label === 'Pb' ? { ...site, position: [0.1982, 0.25, 0.157] as const } : site,
      ),
    };
    const free = refinablePhase(moved, { ...range, sites: ['x:Pb', 'z:Pb', 'occ:Pb'] });
    const fit = refinePattern(pattern, [free], {
      ...lab,
      wavelengths: tubeWavelengths('Cu Ka')!,
      refine: ['zero', 'W', 'X', '*.cell', 'PbSO4.x:Pb', 'PbSO4.z:Pb'],
    });
    const { composition } = fit.phases[0]!;
    expect(composition['x:Pb']!.value).toBeCloseTo(0.188, 2);
    expect(composition['z:Pb']!.value).toBeCloseTo(0.167, 2);
    expect(composition['occ:Pb']!.value).toBe(1);
  });
});
