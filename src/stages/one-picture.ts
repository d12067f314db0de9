import * as v from 'valibot';
import {
  compareMethods,
  givenPath,
  placePoints,
  placeScan,
  profilesAlong,
  type ScanPlacement,
} from '../interphase/together/one-picture.js';
import { defineStage } from '../pipeline/stage.js';
import type { MapPicture } from './map-items.js';
import { layerArrays, regionArrays } from './map-summary.js';
import { need } from './products.js';

export const onePictureStage = defineStage({
  name: 'one-picture',
  version: 4,
  summary: 'Places spectra and line scans on the map by their coordinates and compares the AEI by method.',
  needs: {
    segmentation: need('map-segmentations', 'each'),
    layer: need('map-layers', 'same'),
    map: need('element-maps', 'same'),
    spectra: need('spectra', 'all'),
    scans: need('line-scan-results', 'all'),
  },
  gives: 'map-pictures',
  params: v.strictObject({
    /** Added to the coordinates of the points. */
    offset_x_um: v.optional(v.number(), 0),
    offset_y_um: v.optional(v.number(), 0),
    /** Where a line scan has its position 0 and which way it runs (from x towards y), if that is known; else it is found from the boundaries. */
    scan_origin_um: v.optional(v.nullable(v.strictObject({ x: v.number(), y: v.number() })), null),
    scan_angle_deg: v.optional(v.number(), 0),
    /** Width of the strip over which elements along a scan are averaged. */
    strip_um: v.optional(v.pipe(v.number(), v.minValue(0)), 20),
  }),
  run({ segmentation, layer, map, spectra, scans }, params): MapPicture {
    const { grid } = segmentation;
    const lines = layer ? layerArrays(layer).boundaries : [];
    const at = spectra.flatMap(({ value: { entry } }) =>
      entry.at ? [{ label: entry.label, ...entry.at }] : [],
    );
    const { classes, labels, probability } = regionArrays(segmentation, layer);
    const regions = { grid, names: classes, labels, probability };
    const points = placePoints(at, regions, lines, { x: params.offset_x_um, y: params.offset_y_um });
    const across =
      (layer?.axis ?? segmentation.axis) === 'x'
        ? ((grid.ny - 1) / 2) * grid.pixel_um.y
        : ((grid.nx - 1) / 2) * grid.pixel_um.x;
    const picture: MapPicture = {
      points: points.map(({ toBoundary_um, ...p }) => ({ ...p, to_boundary_um: toBoundary_um })),
      scans: [],
      profiles: [],
      statements: [],
    };
    for (const { value } of scans) {
      const found = value.result.boundaries;
      const origin = params.scan_origin_um;
      let placed: ScanPlacement | null = null;
      if (origin) placed = givenPath(found, lines, { origin_um: origin, angle_deg: params.scan_angle_deg });
      else if (layer) placed = placeScan(found, layer.boundaries, layer.axis, across);
      if (!placed) continue;
      const { name, positions_um } = value.result;
      const { origin_um, angle_deg } = placed.path;
      picture.scans.push({
        name,
        origin_x_um: origin_um.x,
        origin_y_um: origin_um.y,
        angle_deg,
        mismatch_um: placed.mismatch_um,
        shared: placed.shared,
      });
      const profiles = profilesAlong(
        map?.images ?? [],
        grid,
        placed.path,
        Float64Array.from(positions_um),
        params.strip_um,
      );
      picture.profiles.push(...profiles.map((p) => ({ scan: name, ...p })));
      if (placed.mismatch_um !== null) {
        picture.statements.push(
          origin
            ? `${name} lies on the map where its origin and angle put it; its ${placed.shared.join(' and ')} ${placed.shared.length > 1 ? 'miss those' : 'misses that'} of the map by ${placed.mismatch_um.toFixed(1)} um.`
            : `${name} was laid on the map by ${placed.shared.join(' and ')}, which leaves ${placed.mismatch_um.toFixed(1)} um between the methods.`,
        );
      }
    }
    if (layer) {
      const t = layer.thickness_um;
      picture.statements.push(
        ...compareMethods([
          {
            method: 'XRF map',
            thickness_um: t ? { value: t.mean, sigma: t.sigma } : null,
            present: layer.aeiPresent,
          },
          ...scans.map(({ value: { result } }) => ({
            method: `uXRD (${result.name})`,
            thickness_um: result.aei.thickness_um,
            present: result.aei.present,
          })),
        ]),
      );
    }
    return picture;
  },
});
