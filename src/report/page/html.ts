import { escapeMarkup } from '../drawing/serialize.js';

/** Markup that is known to be safe: made by `html`, or by our own drawing code. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | null | undefined | false | Content[];

/** A template whose values are escaped, unless they are markup already. The only way that text enters the page. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(parts.reduce((done, part, i) => done + textOf(values[i - 1]) + part));
}

function textOf(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return escapeMarkup(String(value));
}

export interface TableView {
  caption?: string;
  header: Content[];
  rows: Content[][];
  /** Rows beyond this many are left to the CSV file named by `more`. */
  limit?: number;
  more?: string;
}

/** A table; nothing at all where it has no rows. Cells that look like numbers are set to the right. */
export function table({ caption, header, rows, limit = 60, more }: TableView): Markup {
  if (rows.length === 0) return html``;
  const shown = rows.slice(0, limit);
  const rest = rows.length - shown.length;
  return html`<div class="scroll"><table>
${caption === undefined ? '' : html`<caption>${caption}</caption>`}
<thead><tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${shown.map((row) => html`<tr>${row.map((cell) => html`<td${isNumeric(cell) ? html` class="n"` : ''}>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>${rest > 0 ? html`<p class="quiet">${rest} more rows in ${more ?? 'the folder tables'}.</p>` : ''}`;
}

const isNumeric = (cell: Content): boolean =>
  typeof cell === 'number' || (typeof cell === 'string' && /^[−-]?\d[\d.,]*(\s|$|[%±])/.test(cell));
