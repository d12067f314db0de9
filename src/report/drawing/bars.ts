/** Straight marks: boundaries with their intervals, error bars, strokes for lines. */
import { custom, type Frame, meets, type Numbers, two } from './custom.js';
import type { SvgElement } from './serialize.js';
import { type Mark, svgElement } from './sheet.js';

interface BoundaryStyle {
  colour: string;
  dash?: string;
}

type Interval = readonly [number | null, number | null] | null | undefined;

/** A vertical line with its 95 % interval as a band, over the whole height of the frame. */
export const verticalBand = (at: number, interval: Interval, style: BoundaryStyle): Mark =>
  custom((sx, _sy, frame) => {
    const x = typeof at === 'number' ? sx(at) : Number.NaN;
    const elements: SvgElement[] = [];
    const [a, b] = within(interval, sx, frame.left, frame.right);
    if (b > a) elements.push(box(a, frame.top, b, frame.bottom, style.colour));
    if (!(x >= frame.left && x <= frame.right)) return elements;
    elements.push(straight(x, frame.top, x, frame.bottom, style.colour, style.dash));
    return elements;
  });

/** A horizontal line with its 95 % interval as a band, over the whole width of the frame. */
export const horizontalBand = (at: number, interval: Interval, style: BoundaryStyle): Mark =>
  custom((_sx, sy, frame) => {
    const y = typeof at === 'number' ? sy(at) : Number.NaN;
    const elements: SvgElement[] = [];
    const [a, b] = within(interval, sy, frame.top, frame.bottom);
    if (b > a) elements.push(box(frame.left, a, frame.right, b, style.colour));
    if (!(y >= frame.top && y <= frame.bottom)) return elements;
    elements.push(straight(frame.left, y, frame.right, y, style.colour, style.dash));
    return elements;
  });

/** The part of an interval inside the frame, in px and in order; nothing where it is not known. */
function within(
  interval: Interval,
  scale: (v: number) => number,
  from: number,
  to: number,
): [number, number] {
  const ends = (interval ?? []).map((end) => (typeof end === 'number' ? scale(end) : Number.NaN));
  if (ends.length < 2 || !ends.every(Number.isFinite)) return [0, 0];
  return [Math.max(from, Math.min(...ends)), Math.min(to, Math.max(...ends))];
}

const box = (x1: number, y1: number, x2: number, y2: number, fill: string): SvgElement =>
  svgElement('rect', { x: x1, y: y1, width: x2 - x1, height: y2 - y1, fill, 'fill-opacity': 0.18 });

const straight = (
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke: string,
  dash?: string,
  width = 1,
): SvgElement =>
  svgElement('path', {
    d: `M${two(x1)} ${two(y1)}L${two(x2)} ${two(y2)}`,
    fill: 'none',
    stroke,
    'stroke-width': width,
    ...(dash === undefined ? {} : { 'stroke-dasharray': dash }),
  });

/** A thin vertical stroke between two heights. */
export const upright = (x: number, from: number, to: number, stroke: string): Mark =>
  custom((sx, sy, frame) => {
    const [px, a, b] = [sx(x), sy(from), sy(to)];
    return meets(frame, px, a, px, b) ? [straight(px, a, px, b, stroke, undefined, 0.7)] : [];
  });

/** Vertical error bars of `half` on either side. */
export const errorBars = (x: Numbers, y: Numbers, half: Numbers, stroke: string): Mark =>
  bars(stroke, x.length, (sx, sy, i) => [sx(x[i]!), sy(y[i]! - half[i]!), sx(x[i]!), sy(y[i]! + half[i]!)]);

/** Horizontal error bars of `half` on either side. */
export const errorBarsAcross = (x: Numbers, y: Numbers, half: Numbers, stroke: string): Mark =>
  bars(stroke, x.length, (sx, sy, i) => [sx(x[i]! - half[i]!), sy(y[i]!), sx(x[i]! + half[i]!), sy(y[i]!)]);

type Ends = [number, number, number, number];

const bars = (
  stroke: string,
  count: number,
  ends: (sx: (v: number) => number, sy: (v: number) => number, i: number) => Ends,
): Mark =>
  custom((sx, sy, frame) => {
    let d = '';
    for (let i = 0; i < count; i++) {
      const [x1, y1, x2, y2] = clipped(ends(sx, sy, i), frame);
      if (meets(frame, x1, y1, x2, y2)) d += `M${two(x1)} ${two(y1)}L${two(x2)} ${two(y2)}`;
    }
    return d === '' ? [] : [svgElement('path', { d, fill: 'none', stroke, 'stroke-width': 0.8 })];
  });

/** A bar that is out of all proportion ends a little outside the frame. */
const clipped = ([x1, y1, x2, y2]: Ends, frame: Frame): Ends => {
  const across = (x: number): number => Math.max(frame.left - 50, Math.min(frame.right + 50, x));
  const down = (y: number): number => Math.max(frame.top - 50, Math.min(frame.bottom + 50, y));
  return [across(x1), down(y1), across(x2), down(y2)];
};

/** Short vertical strokes for line positions, `at` px up from the bottom (or down from the top) of the frame. */
export const tickRow = (
  x: Numbers,
  strength: Numbers | null,
  place: { from: 'bottom' | 'top'; at: number; length: number },
  stroke: string,
): Mark =>
  custom((sx, _sy, frame) => {
    const base = place.from === 'bottom' ? frame.bottom - place.at : frame.top + place.at;
    let d = '';
    for (let i = 0; i < x.length; i++) {
      const px = sx(x[i]!);
      const weak = strength !== null && !(strength[i]! >= 0.005);
      if (px >= frame.left && px <= frame.right && !weak) d += `M${two(px)} ${two(base)}v${-place.length}`;
    }
    return d === '' ? [] : [svgElement('path', { d, fill: 'none', stroke, 'stroke-width': 1 })];
  });
