import { short } from './numbers.js';
import type { SvgElement } from './serialize.js';
import { svgElement, textElement } from './sheet.js';
import { INK, SMALL } from './theme.js';

export interface LegendItem {
  label: string;
  colour: string;
  kind?: 'line' | 'dash' | 'dots' | 'dot' | 'point' | 'box' | 'tick';
  /** Of a box. */
  opacity?: number;
}

/** Entries in a row, from `left`; about as wide as Arial sets them. */
export function legendRow(items: LegendItem[], left: number, baseline: number): SvgElement[] {
  const elements: SvgElement[] = [];
  let x = left;
  for (const item of items) {
    elements.push(
      key(item, x, baseline - 3),
      textElement(labelOf(item), { x: x + 18, y: baseline, size: SMALL, colour: INK }),
    );
    x += legendWidth(item);
  }
  return elements;
}

const labelOf = ({ label }: LegendItem): string => short(label, 30);

/** Room that an entry takes in a row. */
export const legendWidth = (item: LegendItem): number => 18 + textWidth(labelOf(item), SMALL) + 12;

/** Entries below each other. */
export const legendColumn = (items: LegendItem[], left: number, top: number, leading = 12): SvgElement[] =>
  items.flatMap((item, i) => [
    key(item, left, top + i * leading - 3),
    textElement(short(item.label, 46), { x: left + 18, y: top + i * leading, size: SMALL, colour: INK }),
  ]);

function key({ kind = 'line', colour, opacity }: LegendItem, x: number, y: number): SvgElement {
  if (kind === 'box') {
    const box = { x: x + 2, y: y - 4, width: 10, height: 8, fill: colour };
    return svgElement('rect', opacity === undefined ? box : { ...box, 'fill-opacity': opacity });
  }
  if (kind === 'point') return svgElement('circle', { cx: x + 7, cy: y, r: 1.6, fill: colour });
  if (kind === 'dot') {
    return svgElement('circle', {
      cx: x + 7,
      cy: y,
      r: 2,
      fill: 'white',
      stroke: colour,
      'stroke-width': 0.8,
    });
  }
  if (kind === 'tick') {
    return svgElement('path', {
      d: `M${x + 9} ${y - 4}v8`,
      fill: 'none',
      stroke: colour,
      'stroke-width': 1.2,
    });
  }
  return svgElement('path', {
    d: `M${x} ${y}h14`,
    fill: 'none',
    stroke: colour,
    'stroke-width': 1.5,
    ...(kind === 'dash' ? { 'stroke-dasharray': '4 2' } : {}),
    ...(kind === 'dots' ? { 'stroke-dasharray': '1.5 2' } : {}),
  });
}

// Advance widths of Arial in thousandths of the size: narrow, middling, wide.
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    width += /[iljtfrI.,:;'|!()[\] ]/.test(character)
      ? 0.3
      : /[mwMW@%]/.test(character)
        ? 0.86
        : /[A-Z]/.test(character)
          ? 0.68
          : 0.55;
  }
  return width * size;
}
