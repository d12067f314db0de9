import { text } from '@observablehq/plot';
import type { MapArrays, MapComponentResult, ResultBundle } from '../../result.js';
import { rings } from '../drawing/annotations.js';
import { legendRow, textWidth } from '../drawing/legend.js';
import { isNumber, plusMinus, quantile } from '../drawing/numbers.js';
import type { Drawing, Mark } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, MISSING, SMALL } from '../drawing/theme.js';
import { type Figure, figure, figureId, slug } from '../figure.js';
import { layerPanels } from './map-layers.js';
import { borders, mapFrame, resultOfMap } from './parts/map-panel.js';

/** The fraction of one species, with the patches that stand out and the limit for the rest. */
export const fractionMap = (bundle: ResultBundle): Figure[] => {
  const found = bundle.maps.flatMap((map) =>
    (resultOfMap(bundle, map)?.components ?? []).flatMap((component) => {
      const layer = map.layers.find(({ name }) => name === component.name);
      return layer ? [{ map, component, layer }] : [];
    }),
  );
  return found.map(({ map, component, layer }) =>
    figure(
      `${figureId('fraction', map.name, new Set(found.map((one) => one.map)).size > 1)}-${slug(component.name)}`,
      `Fraction of ${component.name} on ${map.name}`,
      `${limitSentence(component)} Rings: patches that stand out from the noise, with their mean fraction. Grey: uncertainty above 2.5 times the median, or among such pixels.`,
      () => draw(map, component, layer),
    ),
  );
};

const limitSentence = (c: MapComponentResult): string =>
  isNumber(c.limit95)
    ? `Mean fraction ${plusMinus(c.mean, c.sigma)}; upper limit ${Number(c.limit95.toPrecision(2))} at 95 %.`
    : `Mean fraction ${plusMinus(c.mean, c.sigma)}.`;

function draw(map: MapArrays, component: MapComponentResult, whole: Layer): Drawing {
  const layer = determined(whole, map.grid.nx);
  const margin = { left: 48, right: 2, top: 20, bottom: 34 };
  const frame = mapFrame(map, { width: DOUBLE_COLUMN - 58, height: 420 }, margin);
  const high = quantile(layer.values, 0.998);
  const low = quantile(layer.values, 0.002);
  const scale = {
    low: isNumber(low) ? low : 0,
    high: isNumber(high) && high > low ? high : (isNumber(low) ? low : 0) + 1,
    map: 'cividis' as const,
  };
  const [panel, bar] = layerPanels(map, layer, frame, { left: 0, top: 0 }, scale);
  panel!.marks.push(...patchMarks(map, component));
  const key = { label: 'too uncertain', colour: MISSING, kind: 'box' as const };
  const right = frame.width - 18 - textWidth(key.label, SMALL);
  const missing = layer.values.some((value) => !Number.isFinite(value));
  return {
    width: frame.width + 58,
    height: frame.height,
    panels: [panel!, bar!],
    ...(missing ? { extras: legendRow([key], right, 14) } : {}),
  };
}

type Layer = MapArrays['layers'][number];

/**
 * Without the pixels that say next to nothing: they would set the colour scale and hide the rest. A pixel among such
 * pixels is one of them, however small its own uncertainty came out.
 */
function determined(layer: Layer, columns: number): Layer {
  const { values, sigma } = layer;
  if (sigma === null) return layer;
  const limit = 2.5 * quantile(sigma, 0.5);
  const vague = (i: number): boolean => sigma[i]! > limit;
  const amongVague = (i: number): boolean => {
    const around = [-columns - 1, -columns, 1 - columns, -1, 1, columns - 1, columns, columns + 1];
    const inside = around.filter((step) => sigma[i + step] !== undefined && besides(i, i + step, columns));
    return inside.length > 0 && inside.filter((step) => vague(i + step)).length > 0.6 * inside.length;
  };
  return { ...layer, values: values.map((v, i) => (vague(i) || amongVague(i) ? Number.NaN : v)) };
}

/** Neighbours in the list are none on the map where a row ends. */
const besides = (i: number, j: number, columns: number): boolean =>
  Math.abs((i % columns) - (j % columns)) <= 1;

type Patch = MapComponentResult['patches'][number];

/** A little wider than a disc of the patch's area. */
const ringRadius = ({ area_um2 }: Patch): number => 1.35 * Math.sqrt(Math.max(0, area_um2 || 0) / Math.PI);

function patchMarks(map: MapArrays, { patches }: MapComponentResult): Mark[] {
  const { x, y } = borders(map);
  const inside = (v: number, [low, high]: [number, number]): boolean => v >= low && v <= high;
  const shown = (patches ?? []).filter((p) => inside(p.x_um, x) && inside(p.y_um, y)).slice(0, 12);
  if (shown.length === 0) return [];
  return [
    ...shown.map((p) => rings(p.x_um, p.y_um, ringRadius(p), '#ffffff')),
    text(shown, {
      x: (p: Patch) => p.x_um + ringRadius(p),
      y: 'y_um',
      text: (p: Patch) => plusMinus(p.mean?.value, p.mean?.sigma),
      dx: 8,
      textAnchor: 'start',
      fontSize: SMALL,
      fontWeight: 'bold',
      fill: 'white',
      stroke: 'black',
      strokeWidth: 2,
    }),
  ];
}
