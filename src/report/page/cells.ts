import { isNumber, plusMinus } from '../drawing/numbers.js';

export const fixed = (value: number | null | undefined, digits: number): string =>
  isNumber(value) ? value.toFixed(digits).replace(/^-/, '−') : '–';
export const digits = (value: number | null | undefined): string =>
  isNumber(value) ? value.toPrecision(3) : '–';
export const pm = (m: { value: number; sigma: number } | null | undefined, unit = ''): string =>
  plusMinus(m?.value, m?.sigma, unit);
