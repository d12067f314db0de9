import { messageOf } from '../errors.js';
import type { Problem } from '../result.js';
import type { Figure } from './figure.js';

export interface DrawnFigure extends Figure {
  svg: string;
}

/** A figure that cannot be drawn is a problem of its own; it costs none of the others, nor the numbers. */
export function drawAll(figures: Figure[]): { drawn: DrawnFigure[]; problems: Problem[] } {
  const drawn: DrawnFigure[] = [];
  const problems: Problem[] = [];
  for (const one of figures) {
    try {
      drawn.push({ ...one, svg: one.draw() });
    } catch (error) {
      const message = `the figure could not be drawn: ${messageOf(error)}`;
      problems.push({ stage: 'figures', input: one.id, severity: 'error', message });
    }
  }
  return { drawn, problems };
}
