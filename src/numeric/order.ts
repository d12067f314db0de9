import { zeroIntegers } from './pooled.js';

/** Steps back a number, on average, at which it is given up to insert one number after another. */
const STEPS = 6;

/**
 * Indices that sort numbers in ascending order, equal ones in their own order. Numbers that are few or nearly in order
 * are inserted one by one, others merged from short runs to long ones. Several times faster than sorting indices with a
 * comparing function, which is called for each pair.
 */
export function ascendingOrder(values: Float64Array): Int32Array {
  const order = zeroIntegers(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return insertInOrder(values, order) ? order : mergeInOrder(values, order);
}

/** False if that takes too many steps. Even then equal numbers have kept their order. */
function insertInOrder(values: Float64Array, order: Int32Array): boolean {
  let steps = STEPS * order.length;
  for (let i = 1; i < order.length; i++) {
    const index = order[i]!;
    const value = values[index]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) order[at] = order[at - 1]!;
    order[at] = index;
    steps -= i - at;
    if (steps < 0) return false;
  }
  return true;
}

function mergeInOrder(values: Float64Array, order: Int32Array): Int32Array {
  const n = values.length;
  let merged = zeroIntegers(n);
  for (let run = 1; run < n; run *= 2) {
    for (let start = 0; start < n; start += 2 * run) mergeRuns(values, order, merged, start, run);
    [order, merged] = [merged, order];
  }
  return order;
}

/** Merges two sorted runs of `from`, the first at `start`, into the same places of `to`. */
function mergeRuns(values: Float64Array, from: Int32Array, to: Int32Array, start: number, run: number): void {
  const middle = Math.min(start + run, from.length);
  const end = Math.min(middle + run, from.length);
  let [i, j] = [start, middle];
  for (let k = start; k < end; k++) {
    const left = j === end || (i < middle && values[from[i]!]! <= values[from[j]!]!);
    to[k] = left ? from[i++]! : from[j++]!;
  }
}
