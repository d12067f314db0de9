import { imageBetween } from './annotations.js';
import type { ColourMapName } from './colour-map.js';
import { gradientImage } from './heat-image.js';
import type { Panel } from './sheet.js';

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
