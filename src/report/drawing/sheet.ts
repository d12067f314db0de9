import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type SvgElement, serializeSvg } from './serialize.js';
import { DOUBLE_COLUMN, FONT_FAMILY, FONT_SIZE, GREY, INK, SMALL } from './theme.js';

export type Mark = Plot.Markish;

/** Our own document: no browser, no globals. */
export const document = parseHTML('<!doctype html><html><body></body></html>').document;
const SVG = 'http://www.w3.org/2000/svg';

export function svgElement(tag: string, attributes: Record<string, string | number>): SvgElement {
  const element = document.createElementNS(SVG, tag) as unknown as SvgElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

export interface Axis {
  domain: [number, number] | string[];
  /** With its unit; null draws no axis at all. */
  label: string | null;
  type?: 'linear' | 'log' | 'band' | 'point';
  ticks?: number | number[];
  tickFormat?: string | ((value: never) => string) | null;
  reverse?: boolean;
  /** Distance of the label from the axis in px; by default it stands at the outer edge of the margin. */
  labelOffset?: number;
}

export interface Panel {
  /** Place on the sheet, in px, of the outer box with its axes. */
  left: number;
  top: number;
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  yRight?: boolean;
  margin?: { left?: number; right?: number; top?: number; bottom?: number };
  /** 'a', 'b' … set bold in the corner. */
  letter?: string;
  /** Short text over the frame. */
  heading?: string;
  marks: Mark[];
  frame?: boolean;
}

export interface Drawing {
  width?: number;
  height: number;
  panels: Panel[];
  notes?: Note[];
  /** Legends and other marks in px of the sheet. */
  extras?: SvgElement[];
}

export interface Note {
  x: number;
  y: number;
  text: string;
  anchor?: 'start' | 'middle' | 'end';
  size?: number;
  weight?: 'bold' | 'normal';
  colour?: string;
}

/** Draws the panels on one white sheet and returns SVG text. */
export function drawSheet(id: string, title: string, drawing: Drawing): string {
  const width = drawing.width ?? DOUBLE_COLUMN;
  const root = svgElement('svg', { width, height: drawing.height });
  const heading = svgElement('title', { id: 'title' });
  heading.appendChild(document.createTextNode(title) as unknown as SvgElement);
  root.appendChild(heading);
  root.appendChild(svgElement('rect', { width, height: drawing.height, fill: 'white' }));
  for (const panel of drawing.panels) root.appendChild(drawPanel(panel));
  for (const note of drawing.notes ?? []) root.appendChild(drawNote(note));
  for (const extra of drawing.extras ?? []) root.appendChild(extra);
  return serializeSvg(root, id).replaceAll(`id="${id}-1"`, `id="${id}-title"`);
}

const drawNote = ({ text, ...style }: Note): SvgElement => textElement(text, style);

export function textElement(content: string, style: Omit<Note, 'text'>): SvgElement {
  const text = svgElement('text', {
    x: style.x,
    y: style.y,
    'text-anchor': style.anchor ?? 'start',
    'font-size': style.size ?? FONT_SIZE,
    ...(style.weight === 'bold' ? { 'font-weight': 'bold' } : {}),
    fill: style.colour ?? INK,
  });
  text.appendChild(document.createTextNode(content) as unknown as SvgElement);
  return text;
}

function drawPanel(panel: Panel): SvgElement {
  const margin = {
    left: 44,
    right: 8,
    top: panel.heading === undefined ? 8 : 20,
    bottom: 34,
    ...panel.margin,
  };
  const axes: Mark[] = [];
  if (panel.x.label !== null) axes.push(xAxis(panel.x, margin.bottom));
  if (panel.y.label !== null) {
    axes.push(yAxis(panel.y, panel.yRight ? 'right' : 'left', panel.yRight ? margin.right : margin.left));
  }
  const plot = Plot.plot({
    document: document as never,
    className: 'interphase',
    width: panel.width,
    height: panel.height,
    marginLeft: margin.left,
    marginRight: margin.right,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    style: { fontSize: String(FONT_SIZE) } as never,
    x: scale(panel.x),
    y: scale(panel.y),
    marks: [
      ...panel.marks,
      ...(panel.frame === false ? [] : [Plot.frame({ stroke: INK, strokeWidth: 0.7 })]),
      ...axes,
    ],
  }) as unknown as SvgElement;
  const group = svgElement('g', {
    transform: `translate(${panel.left},${panel.top})`,
    'font-size': FONT_SIZE,
    'text-anchor': 'middle',
    fill: 'currentColor',
  });
  for (const child of [...plot.childNodes]) group.appendChild(child);
  const top = margin.top - 6;
  if (panel.letter !== undefined) {
    group.appendChild(drawNote({ x: 2, y: Math.max(top, 11), text: panel.letter, weight: 'bold', size: 12 }));
  }
  if (panel.heading !== undefined) {
    group.appendChild(drawNote({ x: margin.left, y: top, text: panel.heading, size: FONT_SIZE }));
  }
  return group;
}

const scale = (axis: Axis): Plot.ScaleOptions => ({
  domain: axis.domain,
  type: axis.type ?? (typeof axis.domain[0] === 'string' ? 'band' : 'linear'),
  reverse: axis.reverse ?? false,
  axis: null,
});

const shared = { stroke: INK, fontFamily: FONT_FAMILY, tickPadding: 3, labelArrow: 'none' as const };

const tickOptions = (axis: Axis): Record<string, unknown> => ({
  ...(axis.ticks === undefined ? {} : { ticks: axis.ticks }),
  ...(axis.tickFormat === undefined ? {} : { tickFormat: axis.tickFormat }),
});

const xAxis = (axis: Axis, margin: number): Mark =>
  Plot.axisX({
    ...shared,
    ...tickOptions(axis),
    anchor: 'bottom',
    tickSize: 4,
    label: axis.label,
    labelAnchor: 'center',
    labelOffset: Math.min(margin - 3, 29),
    strokeWidth: 0.7,
    fill: INK,
  } as Plot.AxisXOptions);

const yAxis = (axis: Axis, anchor: 'left' | 'right', margin: number): Mark =>
  Plot.axisY({
    ...shared,
    ...tickOptions(axis),
    anchor,
    tickSize: 4,
    label: axis.label,
    labelAnchor: 'center',
    labelOffset: axis.labelOffset ?? margin - 4,
    strokeWidth: 0.7,
    fill: INK,
  } as Plot.AxisYOptions);

/** A short text inside the frame of a panel. */
export const inside = (
  text: string,
  anchor: 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right' | 'middle',
  options: { colour?: string; dy?: number; dx?: number } = {},
): Mark => {
  const right = anchor.endsWith('right');
  const bottom = anchor.startsWith('bottom');
  return Plot.text([text], {
    frameAnchor: anchor,
    dx: (anchor === 'middle' ? 0 : right ? -5 : 5) + (options.dx ?? 0),
    dy: (anchor === 'middle' ? 0 : bottom ? -5 : 5) + (options.dy ?? 0),
    fill: options.colour ?? INK,
    fontSize: SMALL,
    stroke: 'white',
    strokeWidth: 2.5,
  });
};

/** Stands where there is nothing to draw: the figure says so instead of failing. */
export const emptyNote = (text: string): Mark => inside(text, 'middle', { colour: GREY });
