import type { BoundaryResult } from '../../../result.js';
import { horizontalBand, verticalBand } from '../../drawing/bars.js';
import { horizontalNames, type NamedLine, verticalNames } from '../../drawing/line-names.js';
import type { Mark } from '../../drawing/sheet.js';
import { BOUNDARY } from '../../drawing/theme.js';

/** Boundaries as vertical lines with 95 % bands; their names stand at the top of the frame. */
export const boundaryVerticals = (boundaries: BoundaryResult[], named: boolean): Mark[] => [
  ...boundaries.map((b) => verticalBand(b.position_um, b.interval95_um, { colour: BOUNDARY, dash: '4 2' })),
  ...(named ? [verticalNames(boundaries.map((b) => namedLine(b, BOUNDARY)))] : []),
];

/** Boundaries as horizontal lines over a dark image. */
export const boundaryHorizontals = (boundaries: BoundaryResult[]): Mark[] => [
  ...boundaries.map((b) =>
    horizontalBand(b.position_um, b.interval95_um, { colour: '#ffffff', dash: '5 3' }),
  ),
  horizontalNames(
    boundaries.map((b) => namedLine(b, '#ffffff')),
    '#222222',
  ),
];

const namedLine = ({ name, position_um }: BoundaryResult, colour: string): NamedLine => ({
  at: position_um,
  name: spoken(name),
  colour,
});

/** `anode|aei` as `anode | AEI`. */
export const spoken = (name: string): string => name.replace(/\baei\b/g, 'AEI').replace('|', ' | ');
