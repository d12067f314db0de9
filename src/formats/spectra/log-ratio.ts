import type { Column } from '../../measurement.js';

/** Columns by index: `ratio` = ln(`before`/`behind`) in every row. */
export interface LogRatio {
  ratio: number;
  before: number;
  behind: number;
}

const MAX_COLUMNS = 60;

/**
 * The first column of a table that is the logarithm of the ratio of two others, as scan programs write absorption beside
 * the ion chambers that it was made of. It tells which chamber is which even where no name does. Null where there is none.
 */
export function logRatioAmong(columns: Column[]): LogRatio | null {
  const shown = columns.slice(0, MAX_COLUMNS).map(({ values }) => values);
  for (const [ratio, values] of shown.entries()) {
    if (!varies(values)) continue;
    for (const [before, a] of shown.entries()) {
      if (before === ratio || !(a[0]! > 0)) continue;
      for (const [behind, b] of shown.entries()) {
        if (behind !== ratio && behind !== before && isLogRatio(values, a, b))
          return { ratio, before, behind };
      }
    }
  }
  return null;
}

function varies(values: Float64Array): boolean {
  return (
    values.some((value) => Math.abs(value - values[0]!) > 0.01) &&
    values.every((value) => Math.abs(value) < 50)
  );
}

/** Numbers may be written with few digits. */
function isLogRatio(values: Float64Array, a: Float64Array, b: Float64Array): boolean {
  return values.every((value, i) => Math.abs(Math.log(a[i]! / b[i]!) - value) < 2e-3);
}
