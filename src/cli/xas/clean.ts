import type { Spectrum } from '../../measurement.js';
import { savitzkyGolay } from '../../numeric/smooth.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import { cleanSpectrum } from '../../xas/scans/clean.js';
import { textTable } from '../table.js';
import type { CleanFlags } from './flags.js';
import { fitOrFault, loadSpectra } from './load.js';
import { print, tell, writeSpectrum } from './output.js';

export async function cleanFiles(files: string[], flags: CleanFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  const results: CleanRow[] = [];
  for (const { spectrum: raw, file } of loaded) {
    const e0 = flags.e0 ?? edgeFeaturesOf(raw)?.main?.energy_eV.value ?? null;
    const bins = flags.bins ?? [5, 0.5, 0.05];
    const cleaned = fitOrFault(
      () =>
        cleanSpectrum(raw, {
          ...absolute(flags.range, e0),
          drop_eV: flags.drop ?? [],
          dropGlitches: flags.deglitch === true,
          rebin: flags.rebin
            ? { e0_eV: needEdge(e0), pre_eV: bins[0]!, xanes_eV: bins[1]!, exafs_k: bins[2]! }
            : null,
        }),
      file,
    );
    const { spectrum, glitches, dropped_eV, missed_eV, cutPoints } = cleaned;
    if (missed_eV.length > 0) tell(`${raw.label}: no points lie at ${missed_eV.join(', ')} eV`);
    const smooth = flags.smooth ? fitOrFault(() => smoothed(spectrum, flags.smooth!), file) : null;
    if (flags.out)
      await writeSpectrum(flags.out, spectrum, {
        comments: [
          `cleaned: ${cutPoints} points cut off, ${dropped_eV.length} left out${flags.rebin ? ', rebinned' : ''}`,
          ...(smooth ? ['the column smooth is for the eye only: its points are not independent'] : []),
        ],
        columns: smooth ? { smooth } : {},
      });
    results.push({
      label: raw.label,
      points: raw.energy_eV.length,
      points_left: spectrum.energy_eV.length,
      cut_off: cutPoints,
      dropped_eV,
      glitches: glitches.map(({ energy_eV, deviation }) => ({
        energy_eV,
        deviation,
        dropped: dropped_eV.includes(energy_eV),
      })),
    });
  }
  print(flags, results, () =>
    textTable(
      ['spectrum', 'points', 'left', 'cut off', 'dropped / eV', 'proposed as glitches / eV (sigmas)'],
      results.map((r) => [
        r.label,
        String(r.points),
        String(r.points_left),
        String(r.cut_off),
        r.dropped_eV.map((e) => e.toFixed(2)).join(' ') || 'none',
        r.glitches.map((g) => `${g.energy_eV.toFixed(2)} (${g.deviation.toFixed(0)})`).join(' ') || 'none',
      ]),
    ),
  );
}

interface CleanRow {
  label: string;
  points: number;
  points_left: number;
  cut_off: number;
  dropped_eV: number[];
  glitches: { energy_eV: number; deviation: number; dropped: boolean }[];
}

/** A range below 1000 is relative to the edge. */
function absolute(
  range: [number, number] | undefined,
  e0: number | null,
): { from_eV?: number; to_eV?: number } {
  if (!range) return {};
  const offset = Math.abs(range[0]) < 1000 && Math.abs(range[1]) < 1000 ? needEdge(e0) : 0;
  return { from_eV: range[0] + offset, to_eV: range[1] + offset };
}

function needEdge(e0: number | null): number {
  if (e0 === null) throw new RangeError('no edge stands out from the noise: give --e0');
  return e0;
}

/** Savitzky-Golay with cubics over so many points. */
function smoothed({ energy_eV, mu }: Spectrum, points: number): Float64Array {
  const window = points % 2 ? points : points + 1;
  return savitzkyGolay(energy_eV, mu, Math.max(5, window), 3);
}
