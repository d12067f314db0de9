import { type ColourMapName, colourMap, parseColour } from './colour-map.js';
import { pngDataUrl } from './png.js';
import { MISSING } from './theme.js';

export interface HeatImage {
  href: string;
  /** Values at the two ends of the colour scale. */
  low: number;
  high: number;
}

/**
 * Values on a grid as a small picture, one pixel each; what is not finite is grey. Row 0 is drawn at the top.
 */
export function heatImage(
  values: ArrayLike<number>,
  width: number,
  height: number,
  scale: { low: number; high: number; map: ColourMapName },
): HeatImage {
  const table = colourMap(scale.map);
  const missing = parseColour(MISSING);
  const span = scale.high - scale.low || 1;
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) rgb.set(missing, 3 * i);
    else {
      const level = Math.min(255, Math.max(0, Math.round((255 * (value - scale.low)) / span)));
      rgb[3 * i] = table[3 * level]!;
      rgb[3 * i + 1] = table[3 * level + 1]!;
      rgb[3 * i + 2] = table[3 * level + 2]!;
    }
  }
  return { href: pngDataUrl(width, height, rgb), low: scale.low, high: scale.high };
}

/** The colours of a map from low (bottom) to high (top), for a colour bar. */
export function gradientImage(map: ColourMapName): string {
  const levels = Float64Array.from({ length: 256 }, (_, i) => 255 - i);
  return heatImage(levels, 1, 256, { low: 0, high: 255, map }).href;
}
