import type { MapArrays, ResultBundle } from '../../result.js';
import { imageBetween } from '../drawing/annotations.js';
import { parseColour } from '../drawing/colour-map.js';
import { type LegendItem, legendRow, legendWidth } from '../drawing/legend.js';
import { isNumber } from '../drawing/numbers.js';
import { pngDataUrl } from '../drawing/png.js';
import type { Drawing } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, seriesColour } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { spoken } from './parts/boundaries.js';
import { borders, boundaryLines, lengthBar, mapFrame, mapPanel, resultOfMap } from './parts/map-panel.js';

/** Which region each pixel belongs to, paler where that is less certain. */
export const regionMap = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps.filter(({ regions }) => regions !== null);
  return maps.map((map) =>
    figure(
      figureId('regions', map.name, maps.length > 1),
      `Regions of the map ${map.name}`,
      'Region of each pixel; the paler, the less certain. White lines: boundaries with their sub-pixel course.',
      () => draw(map, bundle),
    ),
  );
};

const COLOURS: Record<string, string> = {
  anode: '#E69F00',
  aei: '#CC79A7',
  electrolyte: '#56B4E9',
  cathode: '#009E73',
};

function draw(map: MapArrays, bundle: ResultBundle): Drawing {
  const regions = map.regions!;
  const colours = regions.classes.map((name, i) => COLOURS[name] ?? seriesColour(i + 4));
  const bytes = colours.map(parseColour);
  const count = map.grid.nx * map.grid.ny;
  const rgb = new Uint8Array(3 * count).fill(255);
  for (let i = 0; i < count; i++) {
    const colour = bytes[regions.labels[i]!];
    if (colour === undefined) continue;
    const certain = regions.probability[i];
    const share = isNumber(certain) ? Math.min(1, Math.max(0.15, 2 * certain - 1)) : 1;
    for (let k = 0; k < 3; k++) rgb[3 * i + k] = Math.round(255 - share * (255 - colour[k]!));
  }
  const margin = { left: 48, right: 8, top: 22, bottom: 34 };
  const frame = mapFrame(map, { width: DOUBLE_COLUMN, height: 440 }, margin);
  const { x, y } = borders(map);
  const areas = resultOfMap(bundle, map)?.regions ?? [];
  const legend = regions.classes.map((name, i): LegendItem => {
    const area = areas.find((region) => region.name === name)?.area_um2;
    const size = isNumber(area) ? ` (${Math.round(area).toLocaleString('en')} µm²)` : '';
    return { label: `${spoken(name)}${size}`, colour: colours[i]!, kind: 'box' };
  });
  return {
    width: Math.max(frame.width, margin.left + legend.reduce((sum, item) => sum + legendWidth(item), 0)),
    height: frame.height,
    panels: [
      mapPanel(map, frame, { left: 0, top: 0 }, [
        imageBetween(pngDataUrl(map.grid.nx, map.grid.ny, rgb), x, y),
        ...boundaryLines(map),
        lengthBar(map),
      ]),
    ],
    extras: legendRow(legend, margin.left, 14),
  };
}
