import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate, ratios, slope } from './estimate.ts';

const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('estimate', () => {
  it.each([
    { values: [3], median: 3, low: 3, high: 3, confidence: 0 },
    { values: [9, 1, 5], median: 5, low: 1, high: 9, confidence: 0.75 },
    { values: [1, 2, 3, 4], median: 2.5, low: 1, high: 4, confidence: 0.875 },
    // The tables of the sign test: 6 samples give 96.9 % from end to end, 9 give 96.1 % from the second to the eighth.
    { values: [6, 5, 4, 3, 2, 1], median: 3.5, low: 1, high: 6, confidence: 0.96875 },
    { values: [1, 2, 3, 4, 5, 6, 7, 8, 9], median: 5, low: 2, high: 8, confidence: 0.9609375 },
  ])('of $values', ({ values, ...expected }) => {
    expect(estimate(values)).toEqual(expected);
  });

  it('lies between the least and the greatest, whatever the order', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const one = estimate(values);
        expect(one).toEqual(estimate(values.toReversed()));
        expect(Math.min(...values)).toBeLessThanOrEqual(one.low);
        expect(one.low).toBeLessThanOrEqual(one.median);
        expect(one.median).toBeLessThanOrEqual(one.high);
        expect(one.high).toBeLessThanOrEqual(Math.max(...values));
        if (values.length >= 6) expect(one.confidence).toBeGreaterThanOrEqual(0.95);
      }),
    );
  });

  it('holds the true median as often as it says', () => {
    let state = 12345;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    let held = 0;
    for (let trial = 0; trial < 2_000; trial++) {
      // Skewed like times are; the true median is ln 2.
      const { low, high } = estimate(Array.from({ length: 9 }, () => -Math.log(1 - random())));
      if (low <= Math.LN2 && Math.LN2 <= high) held++;
    }
    expect(held / 2_000).toBeGreaterThan(0.94);
    expect(held / 2_000).toBeLessThan(0.98);
  });

  it('refuses what has no median', () => {
    expect(() => estimate([])).toThrow(RangeError);
    expect(() => estimate([1, Number.NaN])).toThrow(RangeError);
  });
});

describe('ratios', () => {
  it('compares replicate by replicate', () => {
    expect(ratios([2, 6, 4], [1, 2, 8])).toEqual([2, 3, 0.5]);
  });
});

describe('slope', () => {
  it('is the growth a step, and one outlier does not move it', () => {
    expect(slope([10, 12, 14, 16, 18])).toBe(2);
    expect(slope([10, 12, 900, 16, 18, 20, 22])).toBe(2);
    expect(slope([5])).toBe(0);
  });
});
