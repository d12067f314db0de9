import * as v from 'valibot';
import { defineStage, type Keyed } from '../pipeline/stage.js';
import { normalizeEdgeName } from '../reference/edges.js';
import { givenWidths, HELD_WIDTHS } from '../xas/peaks/given-widths.js';
import { type PeakWindow, windowsFor } from '../xas/peaks/peak-windows.js';
import { fitPreEdge } from '../xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../xas/peaks/pre-edge-frame.js';
import { fitSeriesMember, type SeriesMember } from '../xas/peaks/pre-edge-series.js';
import { need } from './products.js';
import type { NormalizedItem } from './spectrum-items.js';

const window = v.strictObject({
  name: v.string(),
  /** 'Cl K': edge that the peak belongs to. */
  edge: v.optional(v.string(), 'Cl K'),
  from_eV: v.number(),
  to_eV: v.number(),
  max_fwhm_eV: v.optional(v.number(), 3),
});

const width = v.optional(v.pipe(v.number(), v.gtValue(0)));

const params = v.strictObject({
  /** Windows instead of the built-in ones (Cl K: a, b, c). */
  peaks: v.optional(v.array(window), []),
  /** What peaks of one name have in common in all samples of an edge: what one spectrum leaves open, the others say. */
  share: v.optional(v.array(v.picklist(['width', 'centre'])), []),
  /** Held widths: none, the core hole's, or the core hole's and the instrument's. */
  widths: v.optional(v.picklist(HELD_WIDTHS), 'free'),
  /** Width of the core hole instead of the table's, as with a high-resolution analyser. */
  core_width_eV: width,
  /** Width of the instrument instead of that of a Si(111) monochromator. */
  resolution_eV: width,
});

type PeakParams = v.InferOutput<typeof params>;

export const fitPeaksStage = defineStage({
  name: 'fit-peaks',
  version: 4,
  summary: 'Fits the named peaks below an edge together with the edge; BIC decides which are there.',
  needs: { item: need('normalized', 'each'), all: need('normalized', 'all') },
  gives: 'peak-fits',
  split: true,
  params,
  run: ({ item, all }, params, context) => {
    const { entry } = item;
    const own = memberOf(item, params);
    if (!own) return [];
    const others = entry.role === 'sample' && params.share.length > 0 ? othersOf(item, all) : [];
    const members = others.flatMap((other) => usableMember(other, params));
    const fit = members.length
      ? fitSeriesMember([own, ...members], 0, params.share)
      : fitPreEdge(own.spectrum, own.windows, own.frame);
    if (!fit.describes)
      context.warn(
        `no model of edge and peaks (${own.windows.map(({ name }) => name).join(', ')}) describes this spectrum: no peaks are given`,
        entry.label,
      );
    return [{ key: context.key, value: { entry, fit } }];
  },
});

function isEdge(text: string, element: string, edge: string): boolean {
  const [symbol, level] = text.trim().split(/\s+/);
  return symbol === element && normalizeEdgeName(level ?? 'K') === normalizeEdgeName(edge);
}

/** The other samples of the edge of an item. */
const othersOf = ({ entry: own }: NormalizedItem, all: Keyed<NormalizedItem>[]): NormalizedItem[] =>
  all
    .map(({ value }) => value)
    .filter(
      ({ entry }) =>
        entry.role === 'sample' &&
        entry.element === own.element &&
        entry.edge === own.edge &&
        entry.label !== own.label,
    );

/** A sample that does not cover the windows says nothing about the others. */
function usableMember(item: NormalizedItem, params: PeakParams): SeriesMember[] {
  try {
    return [memberOf(item, params)].filter((member) => member !== null);
  } catch (thrown) {
    if (thrown instanceof RangeError) return [];
    throw thrown;
  }
}

/** Windows and range of one spectrum; null where nothing is looked for. @throws RangeError where it does not cover them */
function memberOf({ entry, spectrum, features }: NormalizedItem, params: PeakParams): SeriesMember | null {
  const asked = params.peaks.filter(({ edge }) => isEdge(edge, entry.element, entry.edge));
  const windows: readonly PeakWindow[] = asked.length
    ? asked.map(({ max_fwhm_eV, ...rest }) => ({ ...rest, maxFwhm_eV: max_fwhm_eV }))
    : windowsFor(spectrum, features);
  if (windows.length === 0) return null;
  const widths = givenWidths(params.widths, entry.element, entry.edge, {
    core_eV: params.core_width_eV,
    resolution_eV: params.resolution_eV,
  });
  return { spectrum, windows, frame: preEdgeFrame(spectrum, windows, widths) };
}
