import { InputError } from '../../errors.js';
import type { Spectrum } from '../../measurement.js';
import { savitzkyGolay } from '../../numeric/smooth.js';
import { estimateNoise } from '../../xas/curve/noise.js';
import { featureWidth_eV } from '../../xas/curve/resolution.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import { alignSeries, movedTogether, type SeriesAlignment } from '../../xas/scans/align-scans.js';
import { cleanSpectrum } from '../../xas/scans/clean.js';
import { type Merged, mergeScans } from '../../xas/scans/merge.js';
import { scanRemarks } from '../../xas/scans/remarks.js';
import { plusMinus, textTable } from '../table.js';
import type { AlignFlags, CleanFlags, MergeFlags } from './flags.js';
import { type LoadedSpectrum, loadSpectra } from './load.js';
import { writeFigure, writeSpectrum } from './output.js';
import { fitOrFault, print } from './steps.js';

const tell = (message: string): void => console.error(message);

export async function mergeFiles(files: string[], flags: MergeFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  needOneEdge(loaded, 2, 'merge');
  const spectra = loaded.map(({ spectrum }) => spectrum);
  const { element, edge } = spectra[0]!;
  const width_eV = featureWidth_eV(element, edge);
  const { merged, alignment, scans } = fitOrFault(() => {
    const alignment = flags.align ? alignSeries(spectra) : null;
    const scans = alignment ? movedTogether(spectra, alignment) : spectra;
    const outliers = flags.leaveOutOutliers ? ('leave-out' as const) : ('keep' as const);
    return { merged: mergeScans(scans, { weights: flags.weights, outliers, width_eV }), alignment, scans };
  }, loaded[0]!.file);
  for (const remark of scanRemarks(merged, { alignment, width_eV })) tell(remark);
  const label = flags.label ?? `${spectra[0]!.label} merged`;
  if (flags.out) {
    const used = merged.scans.filter(({ weight }) => weight > 0).map((scan) => scan.label);
    await writeSpectrum(flags.out, { ...merged.spectrum, label }, [
      `mean of ${used.length} scans: ${used.join(', ')}`,
    ]);
    const { mergedScans } = await import('../../report/figures/merged-scans.js');
    const notes = merged.scans.map(({ outlier, weight }) =>
      weight === 0 ? ' (left out)' : outlier ? ' (odd)' : '',
    );
    await writeFigure(
      flags.out,
      mergedScans({
        ...merged.spectrum,
        label,
        scans: scans.map((scan, k) => ({
          label: scan.label,
          energy_eV: scan.energy_eV,
          mu: scan.mu,
          note: notes[k]!,
        })),
      }),
    );
  }
  print(flags, mergeNumbers(label, merged, alignment), () => mergeTable(merged, alignment));
}

const mergeNumbers = (label: string, { spectrum, scans }: Merged, alignment: SeriesAlignment | null) => ({
  label,
  edge: `${spectrum.element} ${spectrum.edge}`,
  points: spectrum.energy_eV.length,
  range_eV: [spectrum.energy_eV[0], spectrum.energy_eV.at(-1)],
  scans: scans.map(({ glitches, ...scan }, k) => ({
    ...scan,
    aligned_by_eV: alignment?.shifts_eV[k] ?? null,
    glitches_eV: glitches.map(({ energy_eV }) => energy_eV),
  })),
});

const mergeTable = ({ spectrum, scans }: Merged, alignment: SeriesAlignment | null): string =>
  `${textTable(
    [
      'scan',
      'weight',
      'gain',
      'drift / eV',
      ...(alignment ? ['moved by / eV'] : []),
      'misfit',
      'glitches',
      '',
    ],
    scans.map((scan, k) => [
      scan.label,
      scan.weight.toFixed(3),
      plusMinus(scan.gain),
      plusMinus(scan.drift_eV),
      ...(alignment ? [plusMinus(alignment.shifts_eV[k])] : []),
      scan.misfit.toFixed(2),
      String(scan.glitches.length),
      scan.outlier ? (scan.weight > 0 ? 'does not belong' : 'left out') : '',
    ]),
  )}\n\n${spectrum.energy_eV.length} points from ${spectrum.energy_eV[0]} to ${spectrum.energy_eV.at(-1)} eV`;

/** Scans of different edges have nothing to do with each other. */
export function needOneEdge(loaded: LoadedSpectrum[], least: number, what: string): void {
  if (loaded.length < least)
    throw new InputError(`${loaded.length} spectra are too few to ${what}`, null, `give at least ${least}`);
  const [first] = loaded;
  const other = loaded.find(
    ({ spectrum }) => spectrum.element !== first!.spectrum.element || spectrum.edge !== first!.spectrum.edge,
  );
  if (other)
    throw new InputError(
      `is of the ${other.spectrum.element} ${other.spectrum.edge} edge, ${first!.spectrum.label} of ${first!.spectrum.element} ${first!.spectrum.edge}`,
      { path: other.file },
      'give spectra of one edge',
    );
}

export async function alignFiles(files: string[], flags: AlignFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  needOneEdge(loaded, 2, 'align');
  const spectra = loaded.map(({ spectrum }) => spectrum);
  const fixed = flags.to === undefined ? 0 : spectra.findIndex(({ label }) => label === flags.to);
  if (fixed < 0)
    throw new InputError(
      `--to: no spectrum is called '${flags.to}'`,
      null,
      `there are ${spectra.map(({ label }) => label).join(', ')}`,
    );
  const found = fitOrFault(() => alignSeries(spectra, fixed), loaded[fixed]!.file);
  if (flags.out)
    for (const [k, spectrum] of spectra.entries()) {
      const shift = found.shifts_eV[k];
      if (!shift) continue;
      const { sigma } = estimateNoise(spectrum.energy_eV, spectrum.mu, spectrum.sigma);
      await writeSpectrum(
        flags.out,
        { ...spectrum, energy_eV: spectrum.energy_eV.map((e) => e + shift.value), sigma },
        [`energies moved by ${shift.value} eV onto ${spectra[fixed]!.label}`],
      );
    }
  const rows = spectra.map(({ label }, k) => ({
    label,
    shift_eV: found.shifts_eV[k] ?? null,
    reduced_chi2: found.reducedChi2[k]!,
  }));
  for (const { label, shift_eV } of rows)
    if (!shift_eV) tell(`${label}: has another shape than ${spectra[fixed]!.label}, so it was not moved`);
  print(flags, { onto: spectra[fixed]!.label, by: found.by, spectra: rows }, () =>
    textTable(
      ['spectrum', `added to its energies (by ${found.by}) / eV`, 'reduced chi2'],
      rows.map((row) => [
        row.label,
        row.label === spectra[fixed]!.label ? 'fixed' : plusMinus(row.shift_eV),
        Number.isFinite(row.reduced_chi2) ? row.reduced_chi2.toFixed(2) : '–',
      ]),
    ),
  );
}

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
    const { sigma } = estimateNoise(spectrum.energy_eV, spectrum.mu, spectrum.sigma);
    const smooth = flags.smooth ? fitOrFault(() => smoothed(spectrum, flags.smooth!), file) : null;
    if (flags.out)
      await writeSpectrum(
        flags.out,
        { ...spectrum, sigma },
        [
          `cleaned: ${cutPoints} points cut off, ${dropped_eV.length} left out${flags.rebin ? ', rebinned' : ''}`,
          ...(smooth ? ['the column smooth is for the eye only: its points are not independent'] : []),
        ],
        smooth ? { smooth } : {},
      );
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
