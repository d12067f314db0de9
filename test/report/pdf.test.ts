import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { toPdf } from '../../src/report/drawing/pdf.js';
import { pathOperators } from '../../src/report/drawing/pdf-path.js';
import { pngDataUrl } from '../../src/report/drawing/png.js';

const svg = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="60" viewBox="0 0 100 60">${body}</svg>`;

/** The objects of a PDF by number, with the offsets of its cross-reference table. */
function parse(pdf: Buffer): Map<number, Buffer> {
  const text = pdf.toString('latin1');
  const table = Number(/startxref\n(\d+)/.exec(text)![1]);
  expect(text.slice(table, table + 4)).toBe('xref');
  const offsets = [...text.slice(table).matchAll(/(\d{10}) 00000 n /g)].map(([, offset]) => Number(offset));
  return new Map(
    offsets.map((offset, i) => {
      expect(text.slice(offset)).toMatch(new RegExp(`^${i + 1} 0 obj\n`));
      return [i + 1, pdf.subarray(offset, pdf.indexOf('endobj', offset))];
    }),
  );
}

const streamOf = (object: Buffer): Buffer => {
  const at = object.indexOf('stream\n') + 7;
  return object.subarray(at, at + Number(/\/Length (\d+)/.exec(object.toString('latin1'))![1]));
};

describe('pdf', () => {
  it('writes paths with the same geometry, colours and opacities', async () => {
    const objects = parse(
      await toPdf(
        svg(
          '<rect x="10" y="20" width="30" height="5" fill="#ff0000" fill-opacity="0.5"/><path d="M0 0L50 50" stroke="#0000ff" stroke-width="2" stroke-dasharray="4 2" fill="none"/>',
        ),
        'a µ title',
      ),
    );
    const content = inflateSync(streamOf(objects.get(4)!)).toString('latin1');
    expect(content).toContain('0.75 0 0 -0.75 0 45 cm');
    expect(content).toContain('1 0 0 rg 10 20 m 40 20 l 40 25 l 10 25 l h f');
    expect(content).toContain('0 0 1 RG 2 w 0 J 0 j [4 2] 0 d 0 0 m 50 50 l S');
    expect(objects.get(3)!.toString('latin1')).toContain('/ca 0.5 /CA 1');
    expect(objects.get(3)!.toString('latin1')).toContain('/MediaBox [0 0 75 45]');
  });

  it('embeds pictures pixel by pixel', async () => {
    const rgb = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7);
    const objects = parse(
      await toPdf(
        svg(
          `<image href="${pngDataUrl(2, 2, rgb)}" width="20" height="20" image-rendering="optimizeSpeed"/>`,
        ),
        't',
      ),
    );
    const rows = inflateSync(streamOf(objects.get(6)!));
    expect([...rows]).toEqual([0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 255, 9, 8, 7]);
  });

  it('turns text into outlines, so that no font is needed', async () => {
    const pdf = await toPdf(svg('<text x="5" y="30" font-family="Arimo" font-size="20">θ</text>'), 't');
    const content = inflateSync(streamOf(parse(pdf).get(4)!)).toString('latin1');
    expect(content.match(/ c\b/g)!.length).toBeGreaterThan(5);
    expect(pdf.toString('latin1')).not.toContain('/Font');
  });

  it('keeps the shape of quadratic curves', () => {
    expect(pathOperators('M 0 0 Q 3 3 6 0 Z')).toBe('0 0 m 2 2 4 2 6 0 c h');
    expect(() => pathOperators('M0 0A1 1 0 0 0 2 2')).toThrow("'A'");
  });
});
