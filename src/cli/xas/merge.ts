import { featureWidth_eV } from '../../xas/curve/resolution.js';
import { alignSeries, movedTogether, type SeriesAlignment } from '../../xas/scans/align-scans.js';
import { type Merged, mergeScans } from '../../xas/scans/merge.js';
import { scanRemarks } from '../../xas/scans/remarks.js';
import { writeFigure } from '../loose-figures.js';
import { plusMinus, textTable } from '../table.js';
import type { MergeFlags } from './flags.js';
import { fitOrFault, loadSpectra, needOneEdge } from './load.js';
import { print, tell, writeSpectrum } from './output.js';

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
    await writeSpectrum(
      flags.out,
      { ...merged.spectrum, label },
      { comments: [`mean of ${used.length} scans: ${used.join(', ')}`] },
    );
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
