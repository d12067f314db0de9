/**
 * A drawing as a one-page vector PDF. The renderer that makes our PNG files first reduces the SVG to plain paths and
 * images (text becomes outlines, so that no font is needed to print it); what is left maps one to one on the imaging
 * operators of ISO 32000-1, sections 8.4 to 8.9.
 */
import { deflateSync } from 'node:zlib';
import { DOMParser } from 'linkedom';
import { parseColour } from './colour-map.js';
import { pathOperators } from './pdf-path.js';
import { toOutlines } from './raster.js';

interface Element {
  localName: string;
  children: Iterable<Element>;
  getAttribute(name: string): string | null;
}

interface Page {
  content: string[];
  /** Opacities in use, as 'fill/stroke', with their resource names. */
  opacities: Map<string, string>;
  images: { name: string; bytes: Buffer }[];
  clips: Map<string, Element>;
}

const POINTS_PER_PX = 0.75;

/** PDF bytes of SVG text; the same drawing always gives the same bytes. */
export async function toPdf(svg: string, title: string): Promise<Buffer> {
  const outlines = await toOutlines(svg);
  const root = new DOMParser().parseFromString(outlines, 'image/svg+xml')
    .documentElement as unknown as Element;
  const [, , width, height] = (root.getAttribute('viewBox') ?? '0 0 100 100')
    .split(/\s+/)
    .map(Number) as number[];
  const page: Page = { content: [], opacities: new Map(), images: [], clips: new Map() };
  const size: [number, number] = [width! * POINTS_PER_PX, height! * POINTS_PER_PX];
  page.content.push(`${POINTS_PER_PX} 0 0 ${-POINTS_PER_PX} 0 ${num(size[1])} cm`);
  for (const child of root.children) paint(child, page);
  return assemble(page, size, title);
}

function paint(element: Element, page: Page): void {
  const { localName: name } = element;
  if (name === 'defs') collectClips(element, page);
  if (name !== 'g' && name !== 'path' && name !== 'image') return;
  page.content.push('q');
  const matrix = /matrix\(([^)]*)\)/.exec(element.getAttribute('transform') ?? '');
  if (matrix)
    page.content.push(
      `${matrix[1]!
        .trim()
        .split(/[\s,]+/)
        .map(Number)
        .map(num)
        .join(' ')} cm`,
    );
  const clip = /#([^)]*)\)/.exec(element.getAttribute('clip-path') ?? '')?.[1];
  if (clip !== undefined) clipTo(clip, page);
  if (name === 'path') paintPath(element, page);
  else if (name === 'image') paintImage(element, page);
  else for (const child of element.children) paint(child, page);
  page.content.push('Q');
}

function collectClips(defs: Element, page: Page): void {
  for (const child of defs.children) {
    if (child.localName === 'clipPath') page.clips.set(child.getAttribute('id') ?? '', child);
  }
}

function clipTo(id: string, page: Page): void {
  const paths = [...(page.clips.get(id)?.children ?? [])].map((path) => path.getAttribute('d') ?? '');
  if (paths.length > 0) page.content.push(`${paths.map(pathOperators).join(' ')} W n`);
}

function paintPath(element: Element, page: Page): void {
  const fill = element.getAttribute('fill') ?? '#000000';
  const stroke = element.getAttribute('stroke') ?? 'none';
  const path = pathOperators(element.getAttribute('d') ?? '');
  if (path === '') return;
  const number = (name: string, usual: number): number => Number(element.getAttribute(name) ?? usual);
  setOpacity(number('fill-opacity', 1), number('stroke-opacity', 1), page);
  const filling = `${rgb(fill)} rg ${path} ${element.getAttribute('fill-rule') === 'evenodd' ? 'f*' : 'f'}`;
  const stroking = `${rgb(stroke)} RG ${num(number('stroke-width', 1))} w ${lineStyle(element)} ${path} S`;
  const parts = [...(fill === 'none' ? [] : [filling]), ...(stroke === 'none' ? [] : [stroking])];
  if (element.getAttribute('paint-order')?.startsWith('stroke')) parts.reverse();
  page.content.push(...parts);
}

function lineStyle(element: Element): string {
  const cap = ['butt', 'round', 'square'].indexOf(element.getAttribute('stroke-linecap') ?? 'butt');
  const join = ['miter', 'round', 'bevel'].indexOf(element.getAttribute('stroke-linejoin') ?? 'miter');
  const dash = (element.getAttribute('stroke-dasharray') ?? '').split(/[\s,]+/).filter((part) => part !== '');
  return `${Math.max(0, cap)} J ${Math.max(0, join)} j [${dash.map(Number).map(num).join(' ')}] 0 d`;
}

function setOpacity(fill: number, stroke: number, page: Page): void {
  const key = `${num(fill)}/${num(stroke)}`;
  if (!page.opacities.has(key)) page.opacities.set(key, `G${page.opacities.size}`);
  page.content.push(`/${page.opacities.get(key)} gs`);
}

function paintImage(element: Element, page: Page): void {
  const href = element.getAttribute('xlink:href') ?? element.getAttribute('href') ?? '';
  const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((name) =>
    Number(element.getAttribute(name) ?? 0),
  ) as [number, number, number, number];
  const name = `I${page.images.length}`;
  page.images.push({ name, bytes: Buffer.from(href.slice(href.indexOf(',') + 1), 'base64') });
  page.content.push(`${num(w)} 0 0 ${num(-h)} ${num(x)} ${num(y + h)} cm /${name} Do`);
}

const rgb = (colour: string): string =>
  parseColour(colour)
    .map((byte) => num(byte / 255))
    .join(' ');
const num = (value: number): string => String(Number(value.toFixed(4)));

/** Our PNG files are 8-bit RGB without interlace, and their compressed rows are what PDF's predictor 15 expects. */
function imageObject(png: Buffer): Buffer {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return stream(
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 ` +
      `/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${width} >>`,
    Buffer.concat(data),
  );
}

const stream = (dictionary: string, data: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`<< ${dictionary} /Length ${data.length} >>\nstream\n`, 'latin1'),
    data,
    Buffer.from('\nendstream', 'latin1'),
  ]);

function assemble(page: Page, [width, height]: [number, number], title: string): Buffer {
  const first = 6;
  const states = [...page.opacities].map(([key, name]) => {
    const [fill, stroke] = key.split('/');
    return `/${name} << /ca ${fill} /CA ${stroke} >>`;
  });
  const images = page.images.map(({ name }, i) => `/${name} ${first + i} 0 R`);
  const titleHex = Buffer.from(`\uFEFF${title}`, 'utf16le').swap16().toString('hex');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${num(width)} ${num(height)}] /Contents 4 0 R ` +
      `/Resources << /ExtGState << ${states.join(' ')} >> /XObject << ${images.join(' ')} >> >> >>`,
    stream('/Filter /FlateDecode', deflateSync(Buffer.from(page.content.join('\n'), 'latin1'))),
    `<< /Title <${titleHex}> /Producer (interphase) >>`,
    ...page.images.map(({ bytes }) => imageObject(bytes)),
  ].map((body) => (typeof body === 'string' ? Buffer.from(body, 'latin1') : body));
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  objects.forEach((body, i) => {
    offsets.push(at);
    const whole = Buffer.concat([Buffer.from(`${i + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    parts.push(whole);
    at += whole.length;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n` +
        `<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${at}\n%%EOF\n`,
      'latin1',
    ),
  );
  return Buffer.concat(parts);
}
