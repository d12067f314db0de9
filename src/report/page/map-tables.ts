import type { MapResult } from '../../result.js';
import { fromTo, plusMinus } from '../drawing/numbers.js';
import { spoken } from '../figures/parts/boundaries.js';
import { digits, fixed, pm } from './cells.js';
import { html, type Markup, table } from './html.js';

/** The numbers of one map. */
export const mapTables = (map: MapResult): Markup => html`<h3>Map ${map.name}</h3>
${table({
  caption: 'Regions',
  header: ['region', 'area (µm²)'],
  rows: (map.regions ?? []).map((r) => [r.name, fixed(r.area_um2, 0)]),
})}
${table({
  caption: 'Boundaries',
  header: [
    'boundary',
    'across',
    'mean (µm)',
    '95 % interval (µm)',
    'rms roughness (µm)',
    'correlation length (µm)',
  ],
  rows: (map.boundaries ?? []).map((b) => [
    spoken(b.name),
    b.axis,
    plusMinus(b.mean_um, b.sigma_um),
    fromTo(b.interval95_um),
    plusMinus(b.roughness_rms_um, b.roughness_sigma_um),
    fixed(b.correlation_length_um, 1),
  ]),
})}
${table({
  caption: 'Thickness of the interphase, across the layer (µm)',
  header: ['mean', '95 % interval of the mean', 'median', '5th percentile', '95th percentile'],
  rows: map.aei_thickness_um
    ? [
        [
          plusMinus(map.aei_thickness_um.mean, map.aei_thickness_um.sigma),
          fromTo(map.aei_thickness_um.interval95),
          fixed(map.aei_thickness_um.median, 1),
          fixed(map.aei_thickness_um.p5, 1),
          fixed(map.aei_thickness_um.p95, 1),
        ],
      ]
    : [],
})}
${table({
  caption: 'Spectra on the map',
  header: ['spectrum', 'x (µm)', 'y (µm)', 'region', 'probability', 'to the boundary (µm)'],
  rows: (map.points ?? []).map((p) => [
    p.label,
    fixed(p.x_um, 1),
    fixed(p.y_um, 1),
    p.region === null ? 'outside' : spoken(p.region),
    fixed(p.probability, 3),
    fixed(p.to_boundary_um, 1),
  ]),
})}
${table({
  caption: 'Diffraction scans on the map',
  header: ['scan', 'origin x (µm)', 'origin y (µm)', 'angle (°)', 'left over (µm)', 'shared boundaries'],
  rows: (map.scans ?? []).map((s) => [
    s.name,
    fixed(s.origin_x_um, 1),
    fixed(s.origin_y_um, 1),
    fixed(s.angle_deg, 1),
    fixed(s.mismatch_um, 2),
    s.shared.map(spoken).join(', '),
  ]),
})}
${table({
  caption: 'Components',
  header: ['component', 'mean fraction', 'upper limit, 95 %', 'patches that stand out'],
  rows: (map.components ?? []).map((c) => [
    c.name,
    plusMinus(c.mean, c.sigma),
    fixed(c.limit95, 4),
    (c.patches ?? [])
      .map(
        (p) => `${pm(p.mean)} at (${fixed(p.x_um, 0)}, ${fixed(p.y_um, 0)}) µm, ${fixed(p.area_um2, 0)} µm²`,
      )
      .join('; ') || 'none',
  ]),
})}
${table({
  caption: 'Smallest fraction that a patch would have shown, with 95 % probability',
  header: ['component', 'side of the patch (µm)', 'fraction'],
  rows: (map.components ?? []).flatMap((c) =>
    (c.detectable ?? []).map((d) => [c.name, fixed(d.side_um, 1), digits(d.fraction)]),
  ),
})}
${table({
  caption: 'Intrusions',
  header: ['material', 'inside', 'x (µm)', 'y (µm)', 'area (µm²)', 'depth (µm)'],
  rows: (map.intrusions ?? []).map((i) => [
    spoken(i.material),
    spoken(i.inside),
    fixed(i.x_um, 1),
    fixed(i.y_um, 1),
    fixed(i.area_um2, 0),
    fixed(i.depth_um, 1),
  ]),
})}
${table({
  caption: 'Fluorescence lines',
  header: ['element', 'line', 'energy (eV)', 'counts'],
  rows: (map.elements ?? []).map((e) => [e.element, e.line, fixed(e.energy_eV, 1), pm(e.counts)]),
})}
${table({
  caption: 'Detectors',
  header: ['detector', 'counts'],
  rows: (map.detectors ?? []).map((d) => [d.name, fixed(d.counts, 0)]),
})}`;
