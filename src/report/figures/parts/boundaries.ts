import { text } from '@observablehq/plot';
import type { BoundaryResult } from '../../../result.js';
import { horizontalBand, verticalBand } from '../../drawing/curves.js';
import type { Mark } from '../../drawing/sheet.js';
import { BOUNDARY, SMALL } from '../../drawing/theme.js';

/** Boundaries as vertical lines with 95 % bands; their names stand at the top of the frame. */
export function boundaryVerticals(boundaries: BoundaryResult[], named: boolean): Mark[] {
  const marks: Mark[] = boundaries.map((b) =>
    verticalBand(b.position_um, b.interval95_um ?? null, BOUNDARY, '4 2'),
  );
  const shown = boundaries.filter((b) => Number.isFinite(b.position_um));
  if (named && shown.length > 0) {
    marks.push(
      text(shown, {
        x: (b: BoundaryResult) => b.position_um,
        text: (b: BoundaryResult) => spoken(b.name),
        frameAnchor: 'top',
        dy: 5,
        dx: 4,
        textAnchor: 'start',
        fontSize: SMALL,
        fill: BOUNDARY,
        stroke: 'white',
        strokeWidth: 2.5,
      }),
    );
  }
  return marks;
}

/** Boundaries as horizontal lines over a dark image. */
export function boundaryHorizontals(boundaries: BoundaryResult[]): Mark[] {
  const shown = boundaries.filter((b) => Number.isFinite(b.position_um));
  return [
    ...shown.map((b) => horizontalBand(b.position_um, b.interval95_um ?? null, '#ffffff', '5 3')),
    text(shown, {
      y: (b: BoundaryResult) => b.position_um,
      text: (b: BoundaryResult) => spoken(b.name),
      frameAnchor: 'right',
      dx: -4,
      dy: -7,
      fontSize: SMALL,
      fill: 'white',
      stroke: 'black',
      strokeWidth: 2.5,
      strokeOpacity: 0.6,
    }),
  ];
}

/** `anode|aei` as `anode | AEI`. */
export const spoken = (name: string): string => name.replace(/\baei\b/g, 'AEI').replace('|', ' | ');
