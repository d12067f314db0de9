import { type Drawing, drawSheet } from './drawing/sheet.js';

/** One figure of a result, not drawn yet. */
export interface Figure {
  /** Name of its file and of the --figure option. */
  id: string;
  title: string;
  /** What is drawn and what the marks mean, as under a figure in a paper. */
  caption: string;
  /** SVG text. The same results always give the same bytes. */
  draw(): string;
}

export const figure = (id: string, title: string, caption: string, draw: () => Drawing): Figure => ({
  id,
  title,
  caption,
  draw: () => drawSheet(id, title, draw()),
});

/** `uxrd-contour` where there is one item, `uxrd-contour-cross-section` where there are several. */
export const figureId = (base: string, name: string, ofSeveral: boolean): string =>
  ofSeveral ? `${base}-${slug(name)}` : base;

export const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40) || 'unnamed';
