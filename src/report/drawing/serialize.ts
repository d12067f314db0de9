import { FONT_FAMILY, INK } from './theme.js';

/** The parts of the DOM that the figures use; linkedom provides them. */
export interface SvgNode {
  nodeType: number;
  nodeValue: string | null;
  childNodes: Iterable<SvgNode>;
}
export interface SvgElement extends SvgNode {
  localName: string;
  attributes: Iterable<{ name: string; value: string }>;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  appendChild(child: SvgNode): void;
  remove(): void;
}

// XML 1.0 allows no other control characters, and no lone surrogates, in any form.
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for XML and HTML, in content and in quoted attributes. */
export const escapeMarkup = (text: string): string =>
  text.replace(FORBIDDEN, '\uFFFD').replace(/[&<>"']/g, (character) => ENTITIES[character]!);

const NUMBER = /-?\d+\.\d{3,}(?:e-?\d+)?/g;
const GEOMETRY = new Set(
  'd transform x y x1 x2 y1 y2 cx cy r width height points dx dy stroke-width viewBox'.split(' '),
);

/** Coordinates to a hundredth of a pixel: smaller files, and no difference between machines in the last digit. */
const round = (value: string): string =>
  value.replace(NUMBER, (digits) => String(+(+digits).toFixed(2) || 0));

/**
 * Writes a drawing as strict XML: everything escaped, coordinates rounded, ids renamed to `prefix-1`, `prefix-2` …
 * so that several figures can stand in one page and the same results always give the same bytes.
 */
export function serializeSvg(root: SvgElement, prefix: string): string {
  const ids = new Map<string, string>();
  const nameOf = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `${prefix}-${ids.size + 1}`);
    return ids.get(id)!;
  };
  const attribute = (name: string, value: string): string => {
    let text = value;
    if (name === 'id') text = nameOf(value);
    else if (text.startsWith('url(#')) text = `url(#${nameOf(text.slice(5, -1))})`;
    else if (GEOMETRY.has(name)) text = round(value);
    else if (text === 'currentColor') text = INK;
    return ` ${name}="${escapeMarkup(text)}"`;
  };
  const write = (node: SvgNode): string => {
    if (node.nodeType === 3) return escapeMarkup(node.nodeValue ?? '');
    if (node.nodeType !== 1) return '';
    const element = node as SvgElement;
    const tag = element.localName;
    if (tag === 'style') return '';
    let attributes = '';
    for (const { name, value } of element.attributes) {
      if (name !== 'class' && name !== 'xmlns' && name !== 'xmlns:xlink')
        attributes += attribute(name, value);
    }
    let content = '';
    for (const child of element.childNodes) content += write(child);
    return content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;
  };
  let children = '';
  for (const child of root.childNodes) children += write(child);
  const width = Number(root.getAttribute('width'));
  const height = Number(root.getAttribute('height'));
  const mm = (px: number): string => `${+((px * 25.4) / 96).toFixed(2)}mm`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${mm(width)}" height="${mm(height)}" ` +
    `viewBox="0 0 ${+width.toFixed(2)} ${+height.toFixed(2)}" font-family="${escapeMarkup(FONT_FAMILY)}" ` +
    `role="img" aria-labelledby="${prefix}-title">${children}</svg>\n`
  );
}
