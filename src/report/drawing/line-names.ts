/** Names beside straight lines: one that would lie on another, or on a line, goes to the next free place. */
import { custom, type Frame } from './custom.js';
import { textWidth } from './legend.js';
import type { SvgElement } from './serialize.js';
import { type Mark, textElement } from './sheet.js';
import { SMALL } from './theme.js';

export interface NamedLine {
  at: number;
  name: string;
  colour: string;
}

interface Place {
  x: number;
  y: number;
  anchor: 'start' | 'end';
}

const LEADING = 11;
const GAP = 4;

/** Names of vertical lines, at the top of the frame; `others` are lines without a name that should not be covered. */
export const verticalNames = (lines: NamedLine[], others: number[] = [], halo = 'white'): Mark =>
  custom((sx, _sy, frame) => {
    const xs = [...lines.map(({ at }) => at), ...others].map(sx).filter(Number.isFinite);
    return placed(
      lines,
      frame,
      halo,
      (at) => {
        const x = sx(at);
        if (!(x >= frame.left && x <= frame.right)) return [];
        return Array.from({ length: 4 }, (_, row): Place[] => {
          const y = frame.top + LEADING * (row + 1);
          return [
            { x: x + GAP, y, anchor: 'start' },
            { x: x - GAP, y, anchor: 'end' },
          ];
        }).flat();
      },
      (box) => xs.some((x) => x > box.left && x < box.right),
    );
  });

/** Names of horizontal lines, at the right end of the frame, above or below their line. */
export const horizontalNames = (lines: NamedLine[], halo = 'white'): Mark =>
  custom((_sx, sy, frame) => {
    const ys = lines.map(({ at }) => sy(at)).filter(Number.isFinite);
    return placed(
      lines,
      frame,
      halo,
      (at) => {
        const y = sy(at);
        if (!(y >= frame.top && y <= frame.bottom)) return [];
        return [frame.right - GAP, (frame.left + frame.right) / 2].flatMap((x): Place[] => [
          { x, y: y - GAP, anchor: 'end' },
          { x, y: y + LEADING, anchor: 'end' },
        ]);
      },
      (box) => ys.some((y) => y > box.top && y < box.bottom),
    );
  });

/** Each name at its first place that is inside the frame and touches neither a name nor a line, or else no name. */
function placed(
  lines: NamedLine[],
  frame: Frame,
  halo: string,
  placesOf: (at: number) => Place[],
  onLine: (box: Frame) => boolean,
): SvgElement[] {
  const taken: Frame[] = [];
  return lines.flatMap(({ at, name, colour }) => {
    const places = placesOf(at).filter((place) => {
      const box = boxOf(name, place);
      return inside(box, frame) && !taken.some((other) => overlap(box, other));
    });
    const best = places.find((place) => !onLine(boxOf(name, place))) ?? places[0];
    if (!best) return [];
    taken.push(boxOf(name, best));
    return haloed(name, best, colour, halo);
  });
}

function boxOf(name: string, { x, y, anchor }: Place): Frame {
  const width = textWidth(name, SMALL);
  const left = anchor === 'start' ? x : x - width;
  return { left, right: left + width, top: y - 8, bottom: y + 2 };
}

const inside = (box: Frame, frame: Frame): boolean =>
  box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;

const overlap = (a: Frame, b: Frame): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The halo is a text of its own under the text: every program that reads SVG draws it alike. */
function haloed(name: string, { x, y, anchor }: Place, colour: string, halo: string): SvgElement[] {
  const under = textElement(name, { x, y, anchor, size: SMALL, colour: 'none' });
  under.setAttribute('stroke', halo);
  under.setAttribute('stroke-width', '2.5');
  under.setAttribute('stroke-linejoin', 'round');
  return [under, textElement(name, { x, y, anchor, size: SMALL, colour })];
}
