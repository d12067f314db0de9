import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { toPng } from '../../src/report/drawing/raster.js';
import { figuresOf } from '../../src/report/figure-list.js';
import { fullBundle, smallBundle, variants } from '../support/bundle.js';

const reference = fileURLToPath(new URL('./reference/', import.meta.url));

/** Two compressors may pack the same pixels in different ways: pictures are compared by their pixels. */
const normalised = (svg: string): string =>
  svg.replace(/data:image\/png;base64,([A-Za-z0-9+/=]+)/g, (_, data: string) => {
    const png = Buffer.from(data, 'base64');
    const at = png.indexOf('IDAT');
    const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    return `pixels:${createHash('sha256').update(pixels).digest('hex')}`;
  });

describe('figures', () => {
  it('look as they were approved (UPDATE_REFERENCES=1 writes new ones to look at)', () => {
    const figures = figuresOf(fullBundle({ pointsPerPattern: 300 }));
    expect(figures.length).toBeGreaterThan(15);
    for (const one of figures) {
      const path = `${reference}${one.id}.svg`;
      const svg = one.draw();
      if (process.env.UPDATE_REFERENCES === '1') {
        mkdirSync(reference, { recursive: true });
        writeFileSync(path, svg);
      }
      expect(existsSync(path), `no reference for ${one.id}`).toBe(true);
      expect(normalised(svg) === normalised(readFileSync(path, 'utf8')), `${one.id} looks different`).toBe(
        true,
      );
    }
  });

  it('have the same bytes when drawn twice, in any order', () => {
    const bundle = smallBundle();
    const forth = figuresOf(bundle).map((one) => [one.id, one.draw()]);
    const back = figuresOf(bundle)
      .reverse()
      .map((one) => [one.id, one.draw()]);
    expect(Object.fromEntries(back)).toEqual(Object.fromEntries(forth));
  });

  it('have unique ids that are safe as file names, and different ids for two scans', () => {
    const bundle = variants['hostile labels']!();
    const twice = { ...bundle, lineScans: [bundle.lineScans[0]!, { ...bundle.lineScans[0]! }] };
    const ids = figuresOf(twice).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+$/);
  });

  describe.each(Object.entries(variants))('of a result with %s', (_name, make) => {
    it('are well-formed drawings without scripts, NaN coordinates or outside references', () => {
      for (const one of figuresOf(make())) {
        const svg = one.draw();
        const shown = svg.replaceAll(/<(text|title)[^>]*>[^<]*/g, '');
        expect(shown, one.id).not.toMatch(/NaN|Infinity|undefined/);
        const elements = [...new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('*')];
        for (const element of elements) {
          expect(element.localName, one.id).toMatch(
            /^(svg|title|g|path|rect|circle|text|tspan|image|clipPath|line)$/,
          );
          for (const { name, value } of element.attributes) {
            expect(name, one.id).not.toMatch(/^on/i);
            if (/href$/.test(name)) expect(value).toMatch(/^data:image\/png;base64,/);
          }
        }
        expect([...svg].filter((letter) => letter < ' ' && letter !== '\n')).toEqual([]);
        for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(svg).toContain(`id="${id}"`);
      }
    });
  });

  it('are rendered with the bundled font: text leaves ink', async () => {
    const text = (content: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15" font-family="Arimo">${content}</text></svg>`;
    expect((await toPng(text('2θ (°) µ Å ±'))).length).toBeGreaterThan((await toPng(text(''))).length + 200);
  });
});
