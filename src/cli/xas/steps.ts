import { join } from 'node:path';
import { derivative } from '../../xas/curve/grid.js';
import { plusMinus, textTable } from '../table.js';
import type { SpectrumFlags } from './flags.js';
import { type LoadedSpectrum, loadSpectra } from './load.js';
import { type Normalized, normalizeOne } from './normalize-one.js';
import { fileName, print, writeCurves } from './output.js';

export async function normalizeFiles(files: string[], flags: SpectrumFlags): Promise<void> {
  const made = await normalizeAll(await loadSpectra(files, flags), flags);
  const results = made.map(({ spectrum: s }) => ({
    label: s.label,
    edge: `${s.element} ${s.edge}`,
    profile: s.profile,
    e0_eV: s.e0_eV,
    edge_step: s.edgeStep,
    ranges: s.ranges,
    points: s.energy_eV.length,
  }));
  if (flags.out) {
    for (const { spectrum: s } of made)
      await writeCurves(join(flags.out, `${fileName(s.label)}.csv`), {
        energy_eV: s.energy_eV,
        mu: s.mu,
        norm: s.norm,
        flat: s.flat,
        sigma: s.sigma,
        pre_edge: s.preEdge,
        post_edge: s.postEdge,
        derivative_per_eV: derivative(s.energy_eV, s.norm),
      });
    await (await import('./figures.js')).drawStep(flags.out, 'spectra', made);
  }
  print(flags, results, () =>
    textTable(
      ['spectrum', 'edge', 'profile', 'e0 / eV', 'edge step', 'pre / eV', 'post / eV', 'degree'],
      results.map((r) => [
        r.label,
        r.edge,
        r.profile,
        plusMinus(r.e0_eV),
        plusMinus(r.edge_step),
        `${r.ranges.pre1_eV.toFixed(1)} to ${r.ranges.pre2_eV.toFixed(1)}`,
        `${r.ranges.norm1_eV.toFixed(1)} to ${r.ranges.norm2_eV.toFixed(1)}`,
        String(r.ranges.degree),
      ]),
    ),
  );
}

async function normalizeAll(loaded: LoadedSpectrum[], flags: SpectrumFlags): Promise<Normalized[]> {
  const made: Normalized[] = [];
  for (const one of loaded) made.push(await normalizeOne(one, flags));
  return made;
}
