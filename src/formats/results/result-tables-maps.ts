import type { MapResult } from '../../result.js';
import { type Cell, measured, type Table } from '../common/csv-table.js';

export const regions = (maps: MapResult[]): Table => ({
  file: 'regions.csv',
  description: 'Regions of the maps with their areas.',
  header: ['map', 'region', 'area_um2'],
  rows: maps.flatMap((map) => (map.regions ?? []).map((r) => [map.name, r.name, r.area_um2])),
});

export const intrusions = (maps: MapResult[]): Table => ({
  file: 'intrusions.csv',
  description: 'Bodies of one region beyond its boundary.',
  header: ['map', 'material', 'inside', 'x_um', 'y_um', 'area_um2', 'depth_um'],
  rows: maps.flatMap((map) =>
    (map.intrusions ?? []).map((i) => [
      map.name,
      i.material,
      i.inside,
      i.x_um,
      i.y_um,
      i.area_um2,
      i.depth_um,
    ]),
  ),
});

export const components = (maps: MapResult[]): Table => ({
  file: 'components.csv',
  description: 'Components of energy-stack maps: mean fraction, upper limit, and patches that stand out.',
  header: ['map', 'component', 'kind', 'fraction', 'sigma', 'limit95', 'x_um', 'y_um', 'area_um2'],
  rows: maps.flatMap((map) =>
    (map.components ?? []).flatMap((c): Cell[][] => [
      [map.name, c.name, 'mean', c.mean, c.sigma, c.limit95, null, null, null],
      ...c.patches.map((p): Cell[] => [
        map.name,
        c.name,
        'patch',
        ...measured(p.mean),
        null,
        p.x_um,
        p.y_um,
        p.area_um2,
      ]),
    ]),
  ),
});

export const elements = (maps: MapResult[]): Table => ({
  file: 'elements.csv',
  description: 'Fluorescence lines found in full-spectrum maps.',
  header: ['map', 'element', 'line', 'energy_eV', 'counts', 'sigma'],
  rows: maps.flatMap((map) =>
    (map.elements ?? []).map((e) => [map.name, e.element, e.line, e.energy_eV, ...measured(e.counts)]),
  ),
});

export const mapPoints = (maps: MapResult[]): Table => ({
  file: 'map-points.csv',
  description: 'Spectra placed on the maps, with the region under them.',
  header: ['map', 'label', 'x_um', 'y_um', 'region', 'probability', 'to_boundary_um'],
  rows: maps.flatMap((map) =>
    (map.points ?? []).map((p) => [
      map.name,
      p.label,
      p.x_um,
      p.y_um,
      p.region,
      p.probability,
      p.to_boundary_um,
    ]),
  ),
});
