import type { MapArrays, MapResult, ResultBundle } from '../../../result.js';
import { scaleBar } from '../../drawing/annotations.js';
import { curve } from '../../drawing/curves.js';
import { extent, roundLength } from '../../drawing/numbers.js';
import type { Mark, Panel } from '../../drawing/sheet.js';

export const resultOfMap = (bundle: ResultBundle, map: MapArrays): MapResult | undefined => {
  const samePlace = bundle.result.maps[bundle.maps.indexOf(map)];
  return samePlace?.name === map.name ? samePlace : bundle.result.maps.find(({ name }) => name === map.name);
};

/** Outer edges of the map in micrometres; pixel (0, 0) has its centre at (0, 0). */
export function borders({ grid }: MapArrays): { x: [number, number]; y: [number, number] } {
  const { x, y } = grid.pixel_um;
  return { x: [-x / 2, (Math.max(1, grid.nx) - 0.5) * x], y: [-y / 2, (Math.max(1, grid.ny) - 0.5) * y] };
}

export interface MapFrame {
  width: number;
  height: number;
  margin: { left: number; right: number; top: number; bottom: number };
}

/** A frame in which a micrometre is as long across as it is down, within the given room. */
export function mapFrame(
  map: MapArrays,
  room: { width: number; height: number },
  margin: MapFrame['margin'],
): MapFrame {
  const { x, y } = borders(map);
  const [w, h] = [room.width - margin.left - margin.right, room.height - margin.top - margin.bottom];
  const scale = Math.min(w / (x[1] - x[0]), h / (y[1] - y[0]));
  const across = Math.max(30, scale * (x[1] - x[0]));
  const down = Math.max(24, scale * (y[1] - y[0]));
  return { width: across + margin.left + margin.right, height: down + margin.top + margin.bottom, margin };
}

/** A map with row 0 at the top, as it was scanned. */
export function mapPanel(
  map: MapArrays,
  frame: MapFrame,
  place: { left: number; top: number; heading?: string; letter?: string; xLabel?: boolean; yLabel?: boolean },
  marks: Mark[],
): Panel {
  const { x, y } = borders(map);
  const { margin } = frame;
  const [across, down] = [
    frame.width - margin.left - margin.right,
    frame.height - margin.top - margin.bottom,
  ];
  return {
    left: place.left,
    top: place.top,
    width: frame.width,
    height: frame.height,
    margin,
    ...(place.heading === undefined ? {} : { heading: place.heading }),
    ...(place.letter === undefined ? {} : { letter: place.letter }),
    x: { domain: x, label: place.xLabel === false ? '' : 'x (µm)', ticks: ticksIn(across, 40) },
    y: { domain: [y[1], y[0]], label: place.yLabel === false ? '' : 'y (µm)', ticks: ticksIn(down, 16) },
    marks,
  };
}

/** Ticks that a side of this length has room for: an elongated map is a strip. */
export const ticksIn = (length: number, each: number): number =>
  Math.max(1, Math.min(5, Math.floor(length / each)));

/** The boundary lines of the interphase, light on a dark edge so that they show on any colour. */
export const boundaryLines = (map: MapArrays): Mark[] =>
  map.boundaries.flatMap((line) => [
    curve(line.x_um, line.y_um, { stroke: '#000000', width: 2.4, opacity: 0.55 }),
    curve(line.x_um, line.y_um, { stroke: '#ffffff', width: 1.1 }),
  ]);

export function lengthBar(map: MapArrays): Mark {
  const { x, y } = borders(map);
  // On a strip a bar of a quarter of its length would hide a layer.
  const most = Math.max(2 * (y[1] - y[0]), (x[1] - x[0]) / 12);
  const length = roundLength(Math.min((x[1] - x[0]) / 4, most));
  return scaleBar(length, length >= 1000 ? `${length / 1000} mm` : `${Number(length.toPrecision(3))} µm`);
}

/** Whether any value can be drawn at all. */
export const hasValues = (values: ArrayLike<number>): boolean => extent(values) !== null;
