import type { MapArrays, ResultBundle } from '../../result.js';
import { imageBetween } from '../drawing/annotations.js';
import { colourBar } from '../drawing/colour-bar.js';
import type { ColourMapName } from '../drawing/colour-map.js';
import { heatImage } from '../drawing/heat-image.js';
import { quantile } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { short } from './parts/edges.js';
import {
  borders,
  boundaryLines,
  hasValues,
  lengthBar,
  type MapFrame,
  mapFrame,
  mapPanel,
  resultOfMap,
  ticksIn,
} from './parts/map-panel.js';

type Layer = MapArrays['layers'][number];
const BAR = 58;
const MOST = 12;

/** Each layer of a map on its own, with its colour bar. */
export const mapLayers = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps
    .map((map) => withoutFractions(bundle, map))
    .filter(({ layers }) => layers.length > 0);
  return maps.map((map) =>
    figure(
      figureId('map-layers', map.name, maps.length > 1),
      `Layers of the map ${map.name}`,
      'Each layer on its own scale, from the 1st to the 99th percentile; white lines: boundaries; grey: not measured.',
      () => draw(map),
    ),
  );
};

/** The slimmer the map, the more of them side by side. */
const columnsFor = (aspect: number): number => (aspect > 2.2 ? 1 : aspect > 1.1 ? 2 : aspect > 0.5 ? 3 : 4);

/** Fractions of species have figures of their own. */
function withoutFractions(bundle: ResultBundle, map: MapArrays): MapArrays {
  const species = new Set(resultOfMap(bundle, map)?.components?.map(({ name }) => name));
  return species.size === 0 ? map : { ...map, layers: map.layers.filter(({ name }) => !species.has(name)) };
}

function draw(map: MapArrays): Drawing {
  const layers = map.layers.slice(0, MOST);
  const { x, y } = borders(map);
  const columns = Math.min(layers.length, columnsFor((x[1] - x[0]) / (y[1] - y[0])));
  const cell = DOUBLE_COLUMN / columns;
  const frame = mapFrame(
    map,
    { width: cell - BAR, height: columns === 1 ? 300 : 250 },
    { left: 44, right: 2, top: 20, bottom: 34 },
  );
  const panels = layers.flatMap((layer, i) =>
    layerPanels(map, layer, frame, {
      left: (i % columns) * cell,
      top: Math.floor(i / columns) * (frame.height + 6),
      letter: layers.length > 1 ? String.fromCharCode(97 + i) : undefined,
    }),
  );
  return { width: DOUBLE_COLUMN, height: Math.ceil(layers.length / columns) * (frame.height + 6), panels };
}

/** One layer with its colour bar to the right of it. */
export function layerPanels(
  map: MapArrays,
  layer: Layer,
  frame: MapFrame,
  place: { left: number; top: number; letter?: string | undefined },
  scale?: { low: number; high: number; map: ColourMapName },
): Panel[] {
  const { x, y } = borders(map);
  const used = scale ?? usualScale(layer);
  const image = heatImage(layer.values, map.grid.nx, map.grid.ny, used);
  const marks = hasValues(layer.values)
    ? [imageBetween(image.href, x, y), ...boundaryLines(map), lengthBar(map)]
    : [emptyNote('no values')];
  const heading = short(layer.name, 30);
  const letter = place.letter === undefined ? {} : { letter: place.letter };
  return [
    mapPanel(map, frame, { left: place.left, top: place.top, heading, ...letter }, marks),
    colourBar(
      {
        left: place.left + frame.width,
        top: place.top,
        height: frame.height,
        marginTop: frame.margin.top,
        marginBottom: frame.margin.bottom,
      },
      {
        ...used,
        label: short(layer.unit, 24),
        ticks: ticksIn(frame.height - frame.margin.top - frame.margin.bottom, 16),
      },
    ),
  ];
}

function usualScale({ values }: Layer): { low: number; high: number; map: ColourMapName } {
  const low = quantile(values, 0.01);
  const high = quantile(values, 0.99);
  if (!Number.isFinite(low)) return { low: 0, high: 1, map: 'viridis' };
  return high > low
    ? { low, high, map: 'viridis' }
    : { low, high: low + (Math.abs(low) || 1), map: 'viridis' };
}
