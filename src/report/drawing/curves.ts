import type { SvgElement } from './serialize.js';
import { type Mark, svgElement, textElement } from './sheet.js';

type Numbers = ArrayLike<number>;
type Scale = (value: number) => number;
interface Frame {
  width: number;
  height: number;
  marginLeft: number;
  marginRight: number;
  marginTop: number;
  marginBottom: number;
}

let clips = 0;

/** A mark drawn by our own function with the panel's scales; the rest of the panel is Observable Plot's. */
const custom = (draw: (x: Scale, y: Scale, frame: Frame) => SvgElement[], clip = true): Mark =>
  ((_index: unknown, scales: { x: Scale; y: Scale }, _channels: unknown, frame: Frame) => {
    const group = svgElement('g', {});
    if (clip) {
      const id = `clip-${clips++}`;
      const path = svgElement('clipPath', { id });
      path.appendChild(
        svgElement('rect', {
          x: frame.marginLeft,
          y: frame.marginTop,
          width: Math.max(0, frame.width - frame.marginLeft - frame.marginRight),
          height: Math.max(0, frame.height - frame.marginTop - frame.marginBottom),
        }),
      );
      group.appendChild(path);
      group.setAttribute('clip-path', `url(#${id})`);
    }
    for (const element of draw(scales.x, scales.y, frame)) group.appendChild(element);
    return group;
  }) as unknown as Mark;

export interface CurveStyle {
  stroke: string;
  width?: number;
  dash?: string;
  opacity?: number;
  /** Added to y, for stacks. */
  offset?: number;
  factor?: number;
}

/** A line through the points; a point that is not finite breaks it. */
export const curve = (x: Numbers, y: Numbers, style: CurveStyle): Mark =>
  custom((sx, sy) => [
    svgElement('path', {
      d: pathOf(x, y, sx, sy, style),
      fill: 'none',
      stroke: style.stroke,
      'stroke-width': style.width ?? 1,
      'stroke-linejoin': 'round',
      ...(style.dash === undefined ? {} : { 'stroke-dasharray': style.dash }),
      ...(style.opacity === undefined ? {} : { 'stroke-opacity': style.opacity }),
    }),
  ]);

/** Measured points as small open circles, all in one path. */
export const points = (
  x: Numbers,
  y: Numbers,
  style: CurveStyle & { radius?: number; fill?: string },
): Mark =>
  custom((sx, sy) => {
    const r = style.radius ?? 1.6;
    let d = '';
    eachPixel(x, y, sx, sy, style, (px, py) => {
      d += `M${two(px - r)} ${two(py)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    });
    const { stroke, fill = 'white', width = 0.7 } = style;
    return [svgElement('path', { d, fill, stroke, 'stroke-width': width })];
  });

/** Many measured points as dots: strokes of no length with round caps, a few bytes each. */
export const dots = (x: Numbers, y: Numbers, style: CurveStyle & { radius?: number }): Mark =>
  custom((sx, sy) => {
    let d = '';
    eachPixel(x, y, sx, sy, style, (px, py) => {
      d += `M${one(px)} ${one(py)}h.01`;
    });
    return [
      svgElement('path', {
        d,
        fill: 'none',
        stroke: style.stroke,
        'stroke-width': 2 * (style.radius ?? 0.8),
        'stroke-linecap': 'round',
      }),
    ];
  });

const one = (value: number): number => Math.round(value * 10) / 10;

function eachPixel(
  x: Numbers,
  y: Numbers,
  sx: Scale,
  sy: Scale,
  style: CurveStyle,
  draw: (px: number, py: number) => void,
) {
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const px = sx(x[i]!);
    const py = sy(y[i]! * (style.factor ?? 1) + (style.offset ?? 0));
    if (Number.isFinite(px) && Number.isFinite(py)) draw(px, py);
  }
}

/** The area between two curves, for 95 % bands and peak components. */
export const band = (
  x: Numbers,
  low: Numbers,
  high: Numbers,
  style: { fill: string; opacity?: number; offset?: number; factor?: number },
): Mark =>
  custom((sx, sy) => {
    const forth: string[] = [];
    const back: string[] = [];
    for (let i = 0; i < x.length; i++) {
      const px = sx(x[i]!);
      const lo = sy(low[i]! * (style.factor ?? 1) + (style.offset ?? 0));
      const hi = sy(high[i]! * (style.factor ?? 1) + (style.offset ?? 0));
      if (![px, lo, hi].every(Number.isFinite)) continue;
      forth.push(`${two(px)} ${two(hi)}`);
      back.push(`${two(px)} ${two(lo)}`);
    }
    const d = forth.length < 2 ? '' : `M${[...forth, ...back.reverse()].join('L')}Z`;
    return [
      svgElement('path', { d, fill: style.fill, 'fill-opacity': style.opacity ?? 0.25, stroke: 'none' }),
    ];
  });

/** A vertical line with its 95 % interval as a band, over the whole height of the frame. */
export const verticalBand = (
  at: number,
  interval: readonly [number, number] | null,
  colour: string,
  dash?: string,
): Mark =>
  custom((sx, _sy, frame) => {
    const y1 = frame.marginTop;
    const y2 = frame.height - frame.marginBottom;
    const elements: SvgElement[] = [];
    if (interval?.every(Number.isFinite)) {
      const [a, b] = [sx(interval[0]), sx(interval[1])].sort((p, q) => p - q) as [number, number];
      elements.push(
        svgElement('rect', {
          x: a,
          y: y1,
          width: b - a,
          height: y2 - y1,
          fill: colour,
          'fill-opacity': 0.18,
        }),
      );
    }
    if (Number.isFinite(at)) elements.push(straight(sx(at), y1, sx(at), y2, colour, dash));
    return elements;
  });

/** A horizontal line with its 95 % interval as a band, over the whole width of the frame. */
export const horizontalBand = (
  at: number,
  interval: readonly [number, number] | null,
  colour: string,
  dash?: string,
): Mark =>
  custom((_sx, sy, frame) => {
    const x1 = frame.marginLeft;
    const x2 = frame.width - frame.marginRight;
    const elements: SvgElement[] = [];
    if (interval?.every(Number.isFinite)) {
      const [a, b] = [sy(interval[0]), sy(interval[1])].sort((p, q) => p - q) as [number, number];
      elements.push(
        svgElement('rect', {
          x: x1,
          y: a,
          width: x2 - x1,
          height: b - a,
          fill: colour,
          'fill-opacity': 0.18,
        }),
      );
    }
    if (Number.isFinite(at)) elements.push(straight(x1, sy(at), x2, sy(at), colour, dash));
    return elements;
  });

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

/** A vertical stroke between two heights. */
export const upright = (x: number, from: number, to: number, stroke: string): Mark =>
  custom((sx, sy) =>
    [x, from, to].every(Number.isFinite)
      ? [straight(sx(x), sy(from), sx(x), sy(to), stroke, undefined, 0.7)]
      : [],
  );

/** Vertical error bars of `half` on either side. */
export const errorBars = (x: Numbers, y: Numbers, half: Numbers, stroke: string): Mark =>
  custom((sx, sy) => {
    let d = '';
    for (let i = 0; i < x.length; i++) {
      const px = sx(x[i]!);
      const lo = sy(y[i]! - half[i]!);
      const hi = sy(y[i]! + half[i]!);
      if ([px, lo, hi].every(Number.isFinite)) d += `M${two(px)} ${two(lo)}L${two(px)} ${two(hi)}`;
    }
    return [svgElement('path', { d, fill: 'none', stroke, 'stroke-width': 0.8 })];
  });

/** Horizontal error bars of `half` on either side. */
export const errorBarsAcross = (x: Numbers, y: Numbers, half: Numbers, stroke: string): Mark =>
  custom((sx, sy) => {
    let d = '';
    for (let i = 0; i < x.length; i++) {
      const [lo, hi, py] = [sx(x[i]! - half[i]!), sx(x[i]! + half[i]!), sy(y[i]!)];
      if ([lo, hi, py].every(Number.isFinite)) d += `M${two(lo)} ${two(py)}L${two(hi)} ${two(py)}`;
    }
    return [svgElement('path', { d, fill: 'none', stroke, 'stroke-width': 0.8 })];
  });

/** Short vertical strokes for line positions, `row` px up from the bottom (or down from the top) of the frame. */
export const tickRow = (
  x: Numbers,
  strength: Numbers | null,
  place: { from: 'bottom' | 'top'; at: number; length: number },
  stroke: string,
): Mark =>
  custom((sx, _sy, frame) => {
    const base =
      place.from === 'bottom' ? frame.height - frame.marginBottom - place.at : frame.marginTop + place.at;
    let d = '';
    for (let i = 0; i < x.length; i++) {
      const px = sx(x[i]!);
      if (!Number.isFinite(px) || (strength !== null && !(strength[i]! >= 0.005))) continue;
      d += `M${two(px)} ${two(base)}v${-place.length}`;
    }
    return [svgElement('path', { d, fill: 'none', stroke, 'stroke-width': 1 })];
  });

/** An image whose corners lie at the given data coordinates; its pixels stay sharp. */
export const imageBetween = (href: string, x: [number, number], y: [number, number]): Mark =>
  custom((sx, sy) => {
    const [x1, x2] = [sx(x[0]), sx(x[1])];
    const [y1, y2] = [sy(y[0]), sy(y[1])];
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

/** A white bar with its length written under it, in the lower left corner. */
export const scaleBar = (length: number, label: string): Mark =>
  custom((sx, _sy, frame) => {
    const width = Math.abs(sx(length) - sx(0));
    const x = frame.marginLeft + 8;
    const y = frame.height - frame.marginBottom - 10;
    const box = svgElement('rect', {
      x: x - 4,
      y: y - 14,
      width: width + 8,
      height: 20,
      fill: 'black',
      'fill-opacity': 0.55,
    });
    const bar = svgElement('rect', { x, y, width, height: 2.5, fill: 'white' });
    const text = textElement(label, {
      x: x + width / 2,
      y: y - 4,
      colour: 'white',
      size: 8.5,
      anchor: 'middle',
    });
    return [box, bar, text];
  });

const two = (value: number): number => Math.round(value * 100) / 100;

/** SVG path of the points with those left out that lie within a tenth of a pixel of the line through their neighbours. */
function pathOf(x: Numbers, y: Numbers, sx: Scale, sy: Scale, style: CurveStyle): string {
  const factor = style.factor ?? 1;
  const offset = style.offset ?? 0;
  let d = '';
  let run: number[] = [];
  const flush = (): void => {
    if (run.length >= 4) d += simplified(run);
    run = [];
  };
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const px = sx(x[i]!);
    const py = sy(y[i]! * factor + offset);
    if (Number.isFinite(px) && Number.isFinite(py)) run.push(px, py);
    else flush();
  }
  flush();
  return d;
}

const TOLERANCE = 0.1;

/**
 * Douglas and Peucker (Cartographica 10, 1973, 112) with an explicit stack. Distances are taken vertically, since our
 * curves are functions of x for the most part and the eye compares heights.
 */
function simplified(run: number[]): string {
  const n = run.length / 2;
  const keep = new Uint8Array(n);
  keep[0] = keep[n - 1] = 1;
  const stack: [number, number][] = [[0, n - 1]];
  while (stack.length > 0) {
    const [a, b] = stack.pop()!;
    const [ax, ay, bx, by] = [run[2 * a]!, run[2 * a + 1]!, run[2 * b]!, run[2 * b + 1]!];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    let worst = TOLERANCE;
    let at = -1;
    for (let i = a + 1; i < b; i++) {
      const [px, py] = [run[2 * i]! - ax, run[2 * i + 1]! - ay];
      const closed = ax === bx && ay === by;
      const distance = closed ? Math.hypot(px, py) : Math.abs(px * (by - ay) - py * (bx - ax)) / length;
      if (distance > worst) [worst, at] = [distance, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    stack.push([a, at], [at, b]);
  }
  let d = '';
  for (let i = 0; i < n; i++) {
    if (keep[i]) d += `${d === '' ? 'M' : 'L'}${two(run[2 * i]!)} ${two(run[2 * i + 1]!)}`;
  }
  return d;
}

/** A circle of the given radius in data units (of x), never smaller than can be seen. */
export const rings = (x: number, y: number, radius: number, stroke: string): Mark =>
  custom((sx, sy) => {
    const r = Math.max(5, Math.abs(sx(x + radius) - sx(x)));
    const at = { cx: sx(x), cy: sy(y), r, fill: 'none' };
    if (![at.cx, at.cy, r].every(Number.isFinite)) return [];
    return [
      svgElement('circle', { ...at, stroke: 'black', 'stroke-width': 2.6, 'stroke-opacity': 0.6 }),
      svgElement('circle', { ...at, stroke, 'stroke-width': 1.2 }),
    ];
  });

/** Upright labels over the tops of lines; one that would touch its left neighbour steps aside. */
export const lineLabels = (lines: { label: string; at: number; height: number }[], colour: string): Mark =>
  custom((sx, sy) => {
    let last = Number.NEGATIVE_INFINITY;
    return [...lines]
      .sort((a, b) => a.at - b.at)
      .flatMap(({ label, at, height }) => {
        const [px, py] = [sx(at), sy(height)];
        if (!Number.isFinite(px) || !Number.isFinite(py)) return [];
        const x = Math.max(px, last + 10);
        last = x;
        const y = py - 14;
        const text = textElement(label, { x: 0, y: 0, colour, size: 8.5 });
        text.setAttribute('transform', `translate(${two(x + 3)},${two(y)}) rotate(-90)`);
        const stem = svgElement('path', {
          d: `M${two(px)} ${two(py - 3)}L${two(x)} ${two(y + 1)}`,
          fill: 'none',
          stroke: colour,
          'stroke-width': 0.7,
        });
        return [stem, text];
      });
  });
