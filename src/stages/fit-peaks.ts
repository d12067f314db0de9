import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { normalizeEdgeName } from '../reference/edges.js';
import { type PeakWindow, windowsFor } from '../xas/peaks/peak-windows.js';
import { fitPreEdge } from '../xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../xas/peaks/pre-edge-frame.js';
import { need } from './products.js';

const window = v.strictObject({
  name: v.string(),
  /** 'Cl K': edge that the peak belongs to. */
  edge: v.optional(v.string(), 'Cl K'),
  from_eV: v.number(),
  to_eV: v.number(),
  max_fwhm_eV: v.optional(v.number(), 3),
});

export const fitPeaksStage = defineStage({
  name: 'fit-peaks',
  version: 2,
  summary: 'Fits the named peaks below an edge together with the edge; BIC decides which are there.',
  needs: { item: need('normalized', 'each') },
  gives: 'peak-fits',
  split: true,
  params: v.strictObject({
    /** Windows instead of the built-in ones (Cl K: a, b, c). */
    peaks: v.optional(v.array(window), []),
  }),
  run: ({ item: { entry, spectrum, features } }, params, context) => {
    const asked = params.peaks.filter(({ edge }) => isEdge(edge, entry.element, entry.edge));
    const windows: readonly PeakWindow[] = asked.length
      ? asked.map(({ max_fwhm_eV, ...rest }) => ({ ...rest, maxFwhm_eV: max_fwhm_eV }))
      : windowsFor(spectrum, features);
    if (windows.length === 0) return [];
    const fit = fitPreEdge(spectrum, windows, preEdgeFrame(spectrum, windows));
    if (!fit.describes)
      context.warn(
        `no model of edge and peaks (${windows.map(({ name }) => name).join(', ')}) describes this spectrum: no peaks are given`,
        entry.label,
      );
    return [{ key: context.key, value: { entry, fit } }];
  },
});

function isEdge(text: string, element: string, edge: string): boolean {
  const [symbol, level] = text.trim().split(/\s+/);
  return symbol === element && normalizeEdgeName(level ?? 'K') === normalizeEdgeName(edge);
}
