import { describe, expect, it } from 'vitest';
import { horizontalNames, verticalNames } from '../../src/report/drawing/line-names.js';
import { drawSheet, type Mark } from '../../src/report/drawing/sheet.js';

const drawn = (mark: Mark): { text: string; x: number; y: number; end: boolean }[] => {
  const panel = { left: 0, top: 0, width: 400, height: 300, marks: [mark] };
  const axes = {
    x: { domain: [0, 100] as [number, number], label: '' },
    y: { domain: [0, 100] as [number, number], label: '' },
  };
  const svg = drawSheet('names', 'names', { width: 400, height: 300, panels: [{ ...panel, ...axes }] });
  const texts = [...svg.matchAll(/<text ([^>]*)>([^<]*(?:AEI|anode)[^<]*)<\/text>/g)];
  const value = (attributes: string, name: string): string =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  return texts
    .filter(([, attributes]) => value(attributes!, 'fill') !== 'none')
    .map(([, attributes, text]) => ({
      text: text!,
      x: Number(value(attributes!, 'x')),
      y: Number(value(attributes!, 'y')),
      end: value(attributes!, 'text-anchor') === 'end',
    }));
};
const line = (at: number, name: string) => ({ at, name, colour: '#000' });

describe('names beside lines', () => {
  it('stand to the right of their lines where there is room', () => {
    const [first, second] = drawn(verticalNames([line(20, 'anode | AEI'), line(70, 'AEI | electrolyte')]));
    expect([first!.end, second!.end]).toEqual([false, false]);
    expect(first!.y).toBe(second!.y);
  });

  it('go to the other side of a thin layer instead of lying on each other', () => {
    const [first, second] = drawn(verticalNames([line(40, 'anode | AEI'), line(42, 'AEI | electrolyte')]));
    expect([first!.text, first!.end, second!.end]).toEqual(['anode | AEI', true, false]);
    expect(first!.x).toBeLessThan(second!.x);
  });

  it('keep inside the frame at its right end, and off lines that have no name', () => {
    expect(drawn(verticalNames([line(99, 'anode | AEI')]))[0]!.end).toBe(true);
    expect(drawn(verticalNames([line(50, 'anode | AEI')], [55]))[0]!.end).toBe(true);
  });

  it('lie above and below two horizontal lines that are close', () => {
    const [first, second] = drawn(horizontalNames([line(50, 'anode | AEI'), line(52, 'AEI | electrolyte')]));
    expect(first!.y - second!.y).toBeGreaterThan(11);
  });

  it('are left out for a line outside the frame or without a place', () => {
    expect(drawn(verticalNames([line(120, 'anode | AEI'), line(Number.NaN, 'AEI')]))).toEqual([]);
  });
});
