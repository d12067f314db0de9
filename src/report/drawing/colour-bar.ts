import { imageBetween } from './annotations.js';
import type { ColourMapName } from './colour-map.js';
import { gradientImage } from './heat-image.js';
import { textWidth } from './legend.js';
import type { Panel } from './sheet.js';
import { FONT_SIZE } from './theme.js';

/** A vertical colour bar with its axis on the right, as a panel of its own. */
export const colourBar = (
  place: { left: number; top: number; height: number; marginTop?: number; marginBottom?: number },
  scale: { low: number; high: number; map: ColourMapName; label: string; ticks?: number },
): Panel => ({
  left: place.left,
  top: place.top,
  width: 58,
  height: place.height,
  margin: { left: 4, right: 44, top: place.marginTop ?? 8, bottom: place.marginBottom ?? 34 },
  x: { domain: [0, 1], label: null },
  y: {
    domain: scale.high > scale.low ? [scale.low, scale.high] : [scale.low, scale.low + 1],
    label: scale.label,
    ticks: scale.ticks ?? 5,
    labelOffset: Math.min(40, 20 + tickWidth(scale.low, scale.high, scale.ticks ?? 5)),
  },
  yRight: true,
  marks: [
    imageBetween(
      gradientImage(scale.map),
      [0, 1],
      scale.high > scale.low ? [scale.low, scale.high] : [scale.low, scale.low + 1],
    ),
  ],
});

/** About as wide as the widest tick label, so that the name of the bar stands close to it and not beside its neighbour. */
function tickWidth(low: number, high: number, ticks: number): number {
  const step = (high - low) / ticks || 1;
  const places = Math.max(0, Math.min(6, -Math.floor(Math.log10(step))));
  return Math.max(...[low, high].map((end) => textWidth(end.toFixed(places), FONT_SIZE)));
}
