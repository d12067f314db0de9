import type { SvgElement } from './serialize.js';
import { type Mark, svgElement } from './sheet.js';

export type Numbers = ArrayLike<number>;
export type Scale = (value: number) => number;

/** The inside of a panel's frame in px. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Dimensions {
  width: number;
  height: number;
  marginLeft: number;
  marginRight: number;
  marginTop: number;
  marginBottom: number;
}

let clips = 0;

/**
 * A mark drawn by our own function with the panel's scales, cut off at the frame; the rest of the panel is Observable
 * Plot's. What lies wholly outside the frame must be left out by the function: the PNG renderer aborts the process on
 * a clipped group without a visible part.
 */
export const custom = (draw: (x: Scale, y: Scale, frame: Frame) => SvgElement[]): Mark =>
  ((_index: unknown, scales: { x: Scale; y: Scale }, _channels: unknown, d: Dimensions) => {
    const frame: Frame = {
      left: d.marginLeft,
      right: d.width - d.marginRight,
      top: d.marginTop,
      bottom: d.height - d.marginBottom,
    };
    const group = svgElement('g', {});
    const elements = draw(scales.x, scales.y, frame);
    if (elements.length === 0) return group;
    const id = `clip-${clips++}`;
    const path = svgElement('clipPath', { id });
    const { left, top } = frame;
    path.appendChild(
      svgElement('rect', { x: left, y: top, width: frame.right - left, height: frame.bottom - top }),
    );
    group.appendChild(path);
    group.setAttribute('clip-path', `url(#${id})`);
    for (const element of elements) group.appendChild(element);
    return group;
  }) as unknown as Mark;

/** Whether a box, given by two corners in px, has a part inside the frame. */
export const meets = (frame: Frame, x1: number, y1: number, x2: number, y2: number): boolean =>
  Math.max(x1, x2) >= frame.left &&
  Math.min(x1, x2) <= frame.right &&
  Math.max(y1, y2) >= frame.top &&
  Math.min(y1, y2) <= frame.bottom;

/** Two decimals of a pixel. */
export const two = (value: number): number => Math.round(value * 100) / 100;
