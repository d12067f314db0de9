import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascendingOrder } from '../../src/numeric/order.js';

describe('ascending order', () => {
  it('is that of a stable sort', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 })), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
        expect([...ascendingOrder(Float64Array.from(values))]).toEqual(expected);
      }),
    );
  });
});
