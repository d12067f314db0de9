/** Pictures, scale bars, rings and labels laid over a panel. */
import { custom, meets, two } from './custom.js';
import { type Mark, svgElement, textElement } from './sheet.js';

/** An image whose corners lie at the given data coordinates; its pixels stay sharp. */
export const imageBetween = (href: string, x: [number, number], y: [number, number]): Mark =>
  custom((sx, sy) => {
    const [x1, x2] = [sx(x[0]), sx(x[1])];
    const [y1, y2] = [sy(y[0]), sy(y[1])];
    if (!(Math.abs(x2 - x1) > 0.01 && Math.abs(y2 - y1) > 0.01)) return [];
    return [
      svgElement('image', {
        href,
        x: Math.min(x1, x2),
        y: Math.min(y1, y2),
        width: Math.abs(x2 - x1),
        height: Math.abs(y2 - y1),
        preserveAspectRatio: 'none',
        'image-rendering': 'optimizeSpeed',
      }),
    ];
  });

/** A white bar on a dark patch with its length over it, in the lower left corner. */
export const scaleBar = (length: number, label: string): Mark =>
  custom((sx, _sy, frame) => {
    const width = Math.abs(sx(length) - sx(0));
    const [x, y] = [frame.left + 8, frame.bottom - 10];
    const patch = { x: x - 4, y: y - 14, width: width + 8, height: 20, fill: 'black', 'fill-opacity': 0.55 };
    return [
      svgElement('rect', patch),
      svgElement('rect', { x, y, width, height: 2.5, fill: 'white' }),
      textElement(label, { x: x + width / 2, y: y - 4, colour: 'white', size: 8.5, anchor: 'middle' }),
    ];
  });

/** A circle of the given radius in data units (of x), never smaller than can be seen. */
export const rings = (x: number, y: number, radius: number, stroke: string): Mark =>
  custom((sx, sy, frame) => {
    const r = Math.max(5, Math.abs(sx(x + radius) - sx(x)));
    const [cx, cy] = [sx(x), sy(y)];
    if (!Number.isFinite(r) || !meets(frame, cx, cy, cx, cy)) return [];
    const at = { cx, cy, r, fill: 'none' };
    return [
      svgElement('circle', { ...at, stroke: 'black', 'stroke-width': 2.6, 'stroke-opacity': 0.6 }),
      svgElement('circle', { ...at, stroke, 'stroke-width': 1.2 }),
    ];
  });

/** Upright labels over the tops of lines; one that would touch its left neighbour steps aside, or gives up. */
export const lineLabels = (lines: { label: string; at: number; height: number }[], colour: string): Mark =>
  custom((sx, sy, frame) => {
    let last = Number.NEGATIVE_INFINITY;
    return [...lines]
      .sort((a, b) => a.at - b.at)
      .flatMap(({ label, at, height }) => {
        const [px, py] = [sx(at), sy(height)];
        if (!meets(frame, px, py, px, py)) return [];
        const x = Math.min(frame.right - 6, Math.max(px, last + 10));
        if (x - px > 32) return [];
        last = x;
        const text = textElement(label, { x: 0, y: 0, colour, size: 8.5 });
        text.setAttribute('transform', `translate(${two(x + 3)},${two(py - 14)}) rotate(-90)`);
        const d = `M${two(px)} ${two(py - 3)}L${two(x)} ${two(py - 13)}`;
        return [svgElement('path', { d, fill: 'none', stroke: colour, 'stroke-width': 0.7 }), text];
      });
  });
