import { scale } from '@observablehq/plot';

export type ColourMapName = 'viridis' | 'cividis' | 'magma' | 'rdbu';

/** 256 colours as r, g, b bytes. */
export function colourMap(name: ColourMapName): Uint8Array {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const colours = scale({ color: { type: 'linear', scheme: name, domain: [0, 255] } });
  const table = new Uint8Array(768);
  for (let i = 0; i < 256; i++) table.set(parseColour(String(colours.apply(i))), 3 * i);
  cache.set(name, table);
  return table;
}

const cache = new Map<ColourMapName, Uint8Array>();

/** '#rrggbb' or 'rgb(r, g, b)' to bytes. */
export function parseColour(text: string): [number, number, number] {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (hex)
    return [hex[1]!, hex[2]!, hex[3]!].map((part) => Number.parseInt(part, 16)) as [number, number, number];
  const parts = text.match(/[\d.]+/g);
  return [0, 1, 2].map((i) => Math.round(Number(parts?.[i] ?? 0))) as [number, number, number];
}
