import { basename } from 'node:path';
import * as v from 'valibot';
import { InputError, messageOf } from '../errors.js';
import type { SpectrumEntry } from '../experiment.js';
import { readScansOf } from '../formats/spectra/spectrum.js';
import type { Spectrum } from '../measurement.js';
import { defineStage } from '../pipeline/stage.js';
import { featureWidth_eV } from '../xas/curve/resolution.js';
import { edgeFeaturesOf } from '../xas/edge/analyse-edge.js';
import { alignSeries, movedTogether } from '../xas/scans/align-scans.js';
import { cleanSpectrum } from '../xas/scans/clean.js';
import { withoutDeadTime } from '../xas/scans/dead-time.js';
import { type Merged, mergeScans } from '../xas/scans/merge.js';
import { scanRemarks } from '../xas/scans/remarks.js';
import { need } from './products.js';

const positive = v.pipe(v.number(), v.gtValue(0));

export const readSpectraStage = defineStage({
  name: 'read-spectra',
  version: 4,
  summary:
    'Reads each spectrum, forms mu, its uncertainty and its simultaneous reference from the columns, merges repeated scans, and cuts what the experiment file says.',
  needs: { entry: need('spectrum-files', 'each') },
  gives: 'spectra',
  params: v.strictObject({
    /** How repeated scans are weighted. */
    weights: v.optional(v.picklist(['noise', 'equal']), 'noise'),
    /** Scans that do not belong to the others are named in any case. */
    outlying_scans: v.optional(v.picklist(['keep', 'leave-out']), 'keep'),
    /** Take the drift of the energy axis between repeated scans out before they are merged. */
    align_scans: v.optional(v.boolean(), false),
    /** Single points that no edge can make: kept without weight in fits, or dropped. */
    glitches: v.optional(v.picklist(['keep', 'drop']), 'keep'),
    /** Average points into bins: eV below and about the edge, 1/angstrom beyond. */
    rebin: v.optional(
      v.strictObject({
        pre_eV: v.optional(positive, 5),
        xanes_eV: v.optional(positive, 0.5),
        exafs_k: v.optional(positive, 0.05),
      }),
    ),
  }),
  run: async ({ entry }, params, context) => {
    const warn = (message: string, file = entry.file): void =>
      context.warn(message, `${entry.label} (${basename(file)})`);
    const { detector } = entry;
    try {
      const scans = await readScansOf(
        entry,
        warn,
        detector && ((columns) => withoutDeadTime(columns, detector)),
      );
      const merged = merge(scans, entry, params, (message) => context.warn(message, entry.label));
      const { spectrum, dropped_eV, missed_eV } = cleanSpectrum(merged, {
        ...entry.clean,
        dropGlitches: params.glitches === 'drop',
        rebin: params.rebin ? { ...params.rebin, e0_eV: edgeOf(merged) } : null,
      });
      if (missed_eV.length > 0)
        context.warn(`no points lie at ${missed_eV.join(', ')} eV to drop`, entry.label);
      if (params.glitches === 'drop' && dropped_eV.length > 0)
        context.warn(
          `points are left out at ${dropped_eV.map((e) => e.toFixed(2)).join(', ')} eV`,
          entry.label,
        );
      return { entry, spectrum };
    } catch (thrown) {
      if (thrown instanceof RangeError)
        throw new InputError(`${entry.label}: ${messageOf(thrown)}`, { path: entry.file });
      throw thrown;
    }
  },
});

interface MergeParams {
  weights: 'noise' | 'equal';
  outlying_scans: 'keep' | 'leave-out';
  align_scans: boolean;
}

/** One spectrum of all scans; what they say about each other is told. */
function merge(
  scans: Spectrum[],
  { label, element, edge }: SpectrumEntry,
  { weights, outlying_scans, align_scans }: MergeParams,
  tell: (message: string) => void,
): Spectrum {
  if (scans.length === 1) return scans[0]!;
  const width_eV = featureWidth_eV(element, edge);
  const alignment = align_scans ? alignSeries(scans) : null;
  const aligned = alignment ? movedTogether(scans, alignment) : scans;
  const merged: Merged = mergeScans(aligned, { weights, outliers: outlying_scans, width_eV });
  for (const remark of scanRemarks(merged, { alignment, width_eV })) tell(remark);
  return { ...merged.spectrum, label };
}

function edgeOf(spectrum: Spectrum): number {
  const main = edgeFeaturesOf(spectrum)?.main;
  if (!main) throw new RangeError('cannot be rebinned: no edge stands out from the noise');
  return main.energy_eV.value;
}
