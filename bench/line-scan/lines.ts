import { scanResponses } from '../../src/interphase/lines/responses.js';
import { li3ycl6 } from '../../src/xrd/crystal/built-in-phases.js';
import { buildLineTable } from '../../src/xrd/crystal/line-table.js';
import { lorentzPolarisation } from '../../src/xrd/pattern/lorentz-polarisation.js';

let cached: ReturnType<typeof build> | null = null;

/** Lines of Li3YCl6 that stand alone between 11 and 45 degrees at 10 keV, with all responses. */
export const responsesFor = (): ReturnType<typeof build> => {
  cached ??= build();
  return cached;
};

function build() {
  const wavelength_A = 1.2398;
  const structure = li3ycl6();
  const table = buildLineTable(structure, { wavelength_A, twoThetaMin_deg: 11, twoThetaMax_deg: 45 });
  const strength = (i: number): number =>
    table.i0[i] * lorentzPolarisation(table.twoTheta_deg[i], { integration: 'mean-per-pixel' });
  const all = Array.from({ length: table.count }, (_, i) => i);
  const top = Math.max(...all.map(strength));
  const strong = all.filter((i) => strength(i) > 0.02 * top);
  const alone = strong.filter(
    (i) => !strong.some((j) => j !== i && Math.abs(table.twoTheta_deg[j] - table.twoTheta_deg[i]) < 0.2),
  );
  const named = alone.map((i) => ({
    hkl: [table.hkl[3 * i], table.hkl[3 * i + 1], table.hkl[3 * i + 2]] as [number, number, number],
    twoTheta_deg: table.twoTheta_deg[i],
  }));
  return scanResponses(structure, 'In', { wavelength_A, integration: 'mean-per-pixel' }, named);
}
