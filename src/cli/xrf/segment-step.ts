/** `interphase xrf segment`: regions, boundaries and the layer of element maps. */
import { InputError } from '../../errors.js';
import { readMap } from '../../formats/maps/map-file.js';
import type { ElementMap } from '../../measurement.js';
import type { MapResult } from '../../result.js';
import { layerArrays, layerResult, regionArrays, regionResult } from '../../stages/map-summary.js';
import { measureLayer } from '../../xrf/layer/measure-layer.js';
import { segmentMap } from '../../xrf/regions/segment.js';
import { impossibleLines } from '../../xrf/spectrum/line-groups.js';
import { plusMinus, textTable } from '../table.js';
import { cleaned, eachMap, elementsOf, imagesOf, say } from './each-map.js';
import { entriesFor, quantity } from './entries.js';
import type { SegmentFlags } from './flags.js';

export function segmentFiles(files: string[], flags: SegmentFlags): Promise<void> {
  const beam_um = quantity(flags.beam, 'length', '--beam');
  return eachMap(
    entriesFor(files, flags),
    async (entry) => {
      const read = await readMap(entry, say);
      let map: ElementMap;
      if (read.kind === 'element-map') map = read.map;
      else if (read.kind === 'spectrum-map') map = (await elementsOf(read.map, entry)).map;
      else
        throw new InputError('regions are found on element maps or on maps of spectra', {
          path: entry.name,
        });
      if (map.images.length < 2)
        throw new InputError(
          `regions need at least two elements, and ${entry.name} holds ${map.images.length}`,
          null,
          'name them with --elements',
        );
      map = cleaned(map, entry, flags);
      const segmentation = segmentMap(map, { classes: flags.classes ?? null });
      const layer = measureLayer(segmentation, { beam_um });
      const warnings = impossibleLines(
        map.images.map((image) => image.element),
        map.incidentEnergy_eV,
      );
      const result: MapResult = {
        name: entry.name,
        ...regionResult(segmentation, layer),
        ...(layer ? layerResult(layer) : { boundaries: [], aei_present: null, aei_thickness_um: null }),
        statements: [
          ...warnings,
          ...segmentation.statements,
          ...(layer?.statements ?? ['The regions do not form layers.']),
        ],
      };
      const arrays = {
        ...imagesOf(map),
        regions: regionArrays(segmentation, layer),
        ...(layer ? layerArrays(layer) : {}),
      };
      return { result, arrays };
    },
    flags,
    segmentText,
  );
}

function segmentText(r: MapResult): string {
  const parts = [
    r.name,
    textTable(
      ['region', 'area (um2)'],
      (r.regions ?? []).map((x) => [x.name, x.area_um2.toFixed(0)]),
    ),
  ];
  if (r.boundaries?.length) {
    parts.push(
      textTable(
        ['boundary', 'mean (um)', 'roughness (um)', 'correlation (um)'],
        r.boundaries.map((b) => [
          b.name,
          plusMinus({ value: b.mean_um, sigma: b.sigma_um ?? 0 }),
          plusMinus({ value: b.roughness_rms_um, sigma: b.roughness_sigma_um ?? 0 }),
          b.correlation_length_um?.toFixed(0) ?? '–',
        ]),
      ),
    );
  }
  const t = r.aei_thickness_um;
  if (t)
    parts.push(
      `AEI thickness ${plusMinus({ value: t.mean, sigma: t.sigma })} um; median ${t.median.toFixed(1)}, 5 % ${t.p5.toFixed(1)}, 95 % ${t.p95.toFixed(1)} um`,
    );
  else parts.push(r.aei_present === false ? 'no AEI' : 'AEI: cannot tell');
  for (const i of r.intrusions ?? [])
    parts.push(
      `${i.material} inside ${i.inside} at x ${i.x_um.toFixed(0)}, y ${i.y_um.toFixed(0)} um: ${i.area_um2.toFixed(0)} um2, reaching ${i.depth_um.toFixed(0)} um`,
    );
  return [...parts, ...r.statements, ''].join('\n');
}
