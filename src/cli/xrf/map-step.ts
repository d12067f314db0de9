/** `interphase xrf map`: elements from spectra, or the totals of element maps. */
import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import { readMap } from '../../formats/maps/map-file.js';
import type { ElementMap } from '../../measurement.js';
import type { MapResult } from '../../result.js';
import { impossibleLines } from '../../xrf/spectrum/line-groups.js';
import { plusMinus, textTable } from '../table.js';
import { cleaned, eachMap, elementsOf, imagesOf, say } from './each-map.js';
import { entriesFor } from './entries.js';
import type { MapFlags } from './flags.js';

export const mapFiles = (files: string[], flags: MapFlags): Promise<void> =>
  eachMap(
    entriesFor(files, flags),
    async (entry) => {
      const read = await readAnyPixel(entry);
      if (read.kind === 'spectrum-map') {
        const fit = await elementsOf(read.map, entry, { refine: flags.refine });
        const { detectors, elements, sumSpectrum, statements } = fit;
        const map = cleaned(fit.map, entry, flags);
        return {
          result: { name: entry.name, detectors, elements, statements },
          arrays: { ...imagesOf(map), sumSpectrum },
        };
      }
      if (read.kind === 'element-map') {
        const map = cleaned(read.map, entry, flags);
        return { result: totals(map, entry.name), arrays: imagesOf(map) };
      }
      throw new InputError(
        'this file holds images at several energies; run an experiment.yaml that names their references',
        { path: entry.name },
      );
    },
    flags,
    mapText,
  );

/** Counts do not need a pixel size: where nothing states it, pixels of 1 um serve. */
async function readAnyPixel(entry: MapEntry): Promise<Awaited<ReturnType<typeof readMap>>> {
  const said: string[] = [];
  try {
    const read = await readMap(entry, (message) => said.push(message));
    said.forEach(say);
    return read;
  } catch (thrown) {
    if (!(thrown instanceof InputError) || entry.pixel_um || !thrown.what.includes('pixel size'))
      throw thrown;
    return readMap({ ...entry, pixel_um: { x: 1, y: 1 } }, say);
  }
}

function totals(map: ElementMap, name: string): MapResult {
  return {
    name,
    elements: map.images.map(({ element, values, sigma }) => {
      const measured = values.filter(Number.isFinite);
      const value = measured.reduce((a, b) => a + b, 0);
      const variance = sigma ? sigma.reduce((a, s) => (Number.isFinite(s) ? a + s * s : a), 0) : value;
      return {
        element,
        line: '',
        energy_eV: Number.NaN,
        counts: { value, sigma: Math.sqrt(Math.max(variance, 0)) },
      };
    }),
    statements: impossibleLines(
      map.images.map((image) => image.element),
      map.incidentEnergy_eV,
    ),
  };
}

function mapText(r: MapResult): string {
  const parts = [r.name];
  if (r.detectors?.length)
    parts.push(
      textTable(
        ['detector', 'counts'],
        r.detectors.map((d) => [d.name, String(d.counts)]),
      ),
    );
  const lines = (r.elements ?? []).map((e) => [
    e.element,
    e.line,
    Number.isFinite(e.energy_eV) ? e.energy_eV.toFixed(1) : '',
    plusMinus(e.counts),
  ]);
  if (lines.length > 0) parts.push(textTable(['element', 'line', 'eV', 'counts'], lines));
  return [...parts, ...r.statements, ''].join('\n');
}
