import { text } from '@observablehq/plot';
import type { MapArrays, ResultBundle } from '../../result.js';
import { imageBetween } from '../drawing/annotations.js';
import { parseColour } from '../drawing/colour-map.js';
import { curve, points } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { extent, quantile } from '../drawing/numbers.js';
import { pngDataUrl } from '../drawing/png.js';
import type { Drawing, Mark } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, MISSING, SMALL } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { short } from './parts/edges.js';
import {
  borders,
  boundaryLines,
  hasValues,
  lengthBar,
  mapFrame,
  mapPanel,
  resultOfMap,
} from './parts/map-panel.js';
import { overlayLayers } from './parts/overlay-elements.js';

type Layer = MapArrays['layers'][number];

/** Elements in one picture, each in its own light, with the boundaries and a scale bar. */
export const elementOverlay = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps.filter((map) => elementLayers(map).length >= 2);
  return maps.map((map) =>
    figure(
      figureId('xrf-overlay', map.name, maps.length > 1),
      `Elements of ${map.name} in one picture`,
      'Fluorescence of the elements, each scaled from its 1st to its 99th percentile (square root) and added as light. ' +
        'White lines: boundaries. Circles: where spectra were taken. Yellow: the diffraction scan and its boundaries. Grey: not measured.',
      () => draw(map, bundle),
    ),
  );
};

/** Layers that hold an element: fractions and residuals of chemical maps are not added as light. */
export const elementLayers = (map: MapArrays): Layer[] =>
  map.layers.filter(
    ({ name, unit, values }) => /^[A-Z][a-z]?$/.test(name) && unit !== 'fraction' && hasValues(values),
  );

/** Orange, blue and a weaker green light: the first two tell the sides apart with every kind of colour vision. */
const LIGHTS: [number, number, number][] = [
  [255, 70, 0],
  [0, 70, 255],
  [50, 130, 40],
];

function draw(map: MapArrays, bundle: ResultBundle): Drawing {
  const layers = overlayLayers(elementLayers(map), map);
  const margin = { left: 48, right: 8, top: 22, bottom: 34 };
  const frame = mapFrame(map, { width: DOUBLE_COLUMN, height: 460 }, margin);
  const { x, y } = borders(map);
  const marks: Mark[] = [
    imageBetween(pngDataUrl(map.grid.nx, map.grid.ny, mixed(map, layers)), x, y),
    ...boundaryLines(map),
    lengthBar(map),
    ...scanMarks(map, bundle),
    ...spotMarks(map, bundle),
  ];
  return {
    width: Math.max(frame.width, 280),
    height: frame.height,
    panels: [mapPanel(map, frame, { left: 0, top: 0 }, marks)],
    extras: legendRow(
      layers.map(({ name }, i) => ({ label: name, colour: `rgb(${LIGHTS[i]!.join(',')})`, kind: 'box' })),
      margin.left,
      14,
    ),
  };
}

function mixed(map: MapArrays, layers: Layer[]): Uint8Array {
  const missing = parseColour(MISSING);
  const count = map.grid.nx * map.grid.ny;
  const rgb = new Uint8Array(3 * count);
  const scales = layers.map(({ values }) => {
    const [low, high] = [quantile(values, 0.01), quantile(values, 0.99)];
    return { low, span: high - low || 1 };
  });
  for (let i = 0; i < count; i++) {
    let [r, g, b] = [0, 0, 0];
    let measured = false;
    layers.forEach(({ values }, k) => {
      const value = values[i]!;
      if (!Number.isFinite(value)) return;
      measured = true;
      const strength = Math.sqrt(Math.min(1, Math.max(0, (value - scales[k]!.low) / scales[k]!.span)));
      r += strength * LIGHTS[k]![0];
      g += strength * LIGHTS[k]![1];
      b += strength * LIGHTS[k]![2];
    });
    rgb.set(measured ? [r, g, b].map((v) => Math.min(255, Math.round(v))) : missing, 3 * i);
  }
  return rgb;
}

/** The points at which spectra were taken, where the experiment places them on the map. */
function spotsOn(map: MapArrays, bundle: ResultBundle): { label: string; x_um: number; y_um: number }[] {
  const { x, y } = borders(map);
  const placed = resultOfMap(bundle, map)?.points;
  return (placed ?? bundle.result.spectra.flatMap(({ label, at }) => (at ? [{ label, ...at }] : []))).filter(
    ({ x_um, y_um }) => x_um >= x[0] && x_um <= x[1] && y_um >= y[0] && y_um <= y[1],
  );
}

function spotMarks(map: MapArrays, bundle: ResultBundle): Mark[] {
  const spots = spotsOn(map, bundle);
  if (spots.length === 0) return [];
  return [
    points(
      spots.map(({ x_um }) => x_um),
      spots.map(({ y_um }) => y_um),
      { stroke: 'black', fill: 'white', radius: 3 },
    ),
    overlayText(spots.map(({ label, x_um, y_um }) => ({ label: short(label, 14), x_um, y_um }))),
  ];
}

/** The diffraction line scans that were placed on the map, with their boundaries as dots. */
function scanMarks(map: MapArrays, bundle: ResultBundle): Mark[] {
  const { x, y } = borders(map);
  return (resultOfMap(bundle, map)?.scans ?? []).flatMap((scan): Mark[] => {
    const found = bundle.result.lineScans.find(({ name }) => name === scan.name);
    const span = extent(found?.positions_um ?? []);
    if (!found || span === null) return [];
    const angle = (scan.angle_deg * Math.PI) / 180;
    const along = (at: number): [number, number] => [
      scan.origin_x_um + at * Math.cos(angle),
      scan.origin_y_um + at * Math.sin(angle),
    ];
    const [from, to] = [along(span[0]), along(span[1])];
    const ends = { x: [from[0], to[0]], y: [from[1], to[1]] };
    const edges = found.boundaries.map(({ position_um }) => along(position_um));
    // The name keeps to the side where no spectrum has its own.
    const below = spotsOn(map, bundle).some(({ x_um, y_um }) => {
      const far = Math.abs(x_um - from[0]) > (x[1] - x[0]) / 4 || y_um < from[1];
      return !far && y_um - from[1] < (y[1] - y[0]) / 10;
    });
    const inside = from[0] >= x[0] && from[0] <= x[1] && from[1] >= y[0] && from[1] <= y[1];
    return [
      curve(ends.x, ends.y, { stroke: 'black', width: 3.2, opacity: 0.7 }),
      curve(ends.x, ends.y, { stroke: '#F0E442', width: 1.6 }),
      points(
        edges.map(([px]) => px),
        edges.map(([, py]) => py),
        { stroke: 'black', fill: '#F0E442', radius: 2.6 },
      ),
      ...(inside
        ? [overlayText([{ label: short(scan.name, 16), x_um: from[0], y_um: from[1] }], below ? -9 : 9)]
        : []),
    ];
  });
}

const overlayText = (labels: { label: string; x_um: number; y_um: number }[], dy = 0): Mark =>
  text(labels, {
    x: 'x_um',
    y: 'y_um',
    text: 'label',
    dx: 6,
    dy,
    textAnchor: 'start',
    fontSize: SMALL,
    fontWeight: 'bold',
    fill: 'white',
    stroke: 'black',
    strokeWidth: 2,
  });
