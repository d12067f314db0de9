import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeroIntegers, zeros } from '../../src/numeric/pooled.js';

describe('pooled arrays', () => {
  it('are zero, and no two share memory', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        const arrays = lengths.map((length, i) => (i % 2 === 0 ? zeros(length) : zeroIntegers(length)));
        arrays.forEach((array, i) => {
          expect(array).toHaveLength(lengths[i]!);
          expect(array.every((value) => value === 0)).toBe(true);
          array.fill(i + 1);
        });
        for (const [i, array] of arrays.entries()) expect(array.every((value) => value === i + 1)).toBe(true);
      }),
    );
  });
});
