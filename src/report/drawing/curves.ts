/** Curves, points and areas from typed arrays; what is not finite is left out. */
import { custom, type Frame, meets, type Numbers, type Scale, two } from './custom.js';
import { type Mark, svgElement } from './sheet.js';
import { simplifiedPath } from './simplify.js';

export interface CurveStyle {
  stroke: string;
  width?: number;
  dash?: string;
  opacity?: number;
  /** Added to y after the factor, for stacks. */
  offset?: number;
  factor?: number;
}

/** A line through the points; a point that is not finite breaks it. */
export const curve = (x: Numbers, y: Numbers, style: CurveStyle): Mark =>
  custom((sx, sy, frame) => {
    const d = pathOf(x, y, sx, sy, frame, style);
    if (d === '') return [];
    const { stroke, width = 1, dash, opacity } = style;
    return [
      svgElement('path', {
        d,
        fill: 'none',
        stroke,
        'stroke-width': width,
        'stroke-linejoin': 'round',
        ...(dash === undefined ? {} : { 'stroke-dasharray': dash }),
        ...(opacity === undefined ? {} : { 'stroke-opacity': opacity }),
      }),
    ];
  });

/** Measured points as small circles, all in one path. */
export const points = (
  x: Numbers,
  y: Numbers,
  style: CurveStyle & { radius?: number; fill?: string },
): Mark =>
  custom((sx, sy, frame) => {
    const { radius: r = 1.6, stroke, fill = 'white', width = 0.7 } = style;
    let d = '';
    eachPixel(x, y, sx, sy, frame, style, (px, py) => {
      d += `M${two(px - r)} ${two(py)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    });
    return d === '' ? [] : [svgElement('path', { d, fill, stroke, 'stroke-width': width })];
  });

/** Many measured points as dots: strokes of no length with round caps, a few bytes each. */
export const dots = (x: Numbers, y: Numbers, style: CurveStyle & { radius?: number }): Mark =>
  custom((sx, sy, frame) => {
    let d = '';
    eachPixel(x, y, sx, sy, frame, style, (px, py) => {
      d += `M${Math.round(px * 10) / 10} ${Math.round(py * 10) / 10}h.01`;
    });
    if (d === '') return [];
    const width = 2 * (style.radius ?? 0.8);
    return [
      svgElement('path', {
        d,
        fill: 'none',
        stroke: style.stroke,
        'stroke-width': width,
        'stroke-linecap': 'round',
      }),
    ];
  });

/** The area between two curves, for 95 % bands and peak components. */
export const band = (
  x: Numbers,
  low: Numbers,
  high: Numbers,
  style: { fill: string; opacity?: number },
): Mark =>
  custom((sx, sy, frame) => {
    const forth: string[] = [];
    const back: string[] = [];
    let seen = false;
    for (let i = 0; i < x.length; i++) {
      const [px, lo, hi] = [sx(x[i]!), sy(low[i]!), sy(high[i]!)];
      if (![px, lo, hi].every(Number.isFinite)) continue;
      seen ||= meets(frame, px, lo, px, hi);
      forth.push(`${two(px)} ${two(hi)}`);
      back.push(`${two(px)} ${two(lo)}`);
    }
    if (forth.length < 2 || !seen) return [];
    const d = `M${[...forth, ...back.reverse()].join('L')}Z`;
    return [
      svgElement('path', { d, fill: style.fill, 'fill-opacity': style.opacity ?? 0.25, stroke: 'none' }),
    ];
  });

/** Calls `draw` for every point inside the frame. */
function eachPixel(
  x: Numbers,
  y: Numbers,
  sx: Scale,
  sy: Scale,
  frame: Frame,
  { factor = 1, offset = 0 }: CurveStyle,
  draw: (px: number, py: number) => void,
): void {
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [px, py] = [sx(x[i]!), sy(y[i]! * factor + offset)];
    if (Number.isFinite(px) && Number.isFinite(py) && meets(frame, px, py, px, py)) draw(px, py);
  }
}

/** Coordinates far outside the frame are drawn no further out than this many px, or renderers lose precision. */
const FAR = 1e4;

function pathOf(
  x: Numbers,
  y: Numbers,
  sx: Scale,
  sy: Scale,
  frame: Frame,
  { factor = 1, offset = 0 }: CurveStyle,
): string {
  let d = '';
  let run: number[] = [];
  let box = { x1: Infinity, x2: -Infinity, y1: Infinity, y2: -Infinity };
  const flush = (): void => {
    if (run.length >= 4 && meets(frame, box.x1, box.y1, box.x2, box.y2)) d += simplifiedPath(run);
    run = [];
    box = { x1: Infinity, x2: -Infinity, y1: Infinity, y2: -Infinity };
  };
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const px = Math.max(-FAR, Math.min(FAR, sx(x[i]!)));
    const py = Math.max(-FAR, Math.min(FAR, sy(y[i]! * factor + offset)));
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      flush();
      continue;
    }
    run.push(px, py);
    box = {
      x1: Math.min(box.x1, px),
      x2: Math.max(box.x2, px),
      y1: Math.min(box.y1, py),
      y2: Math.max(box.y2, py),
    };
  }
  flush();
  return d;
}
