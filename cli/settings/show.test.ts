import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duration, rate, share, size } from '../../pipeline/contracts/units.ts';
import { phrase, shown } from './show.ts';

const whole = fc.integer({ min: 0, max: 2 ** 45 });
const round = fc
  .tuple(
    fc.integer({ min: 1, max: 2_000 }),
    fc.constantFrom(1, 500, 1_000, 1_024, 60_000, 1_048_576, 86_400_000),
  )
  .map(([count, unit]) => count * unit);

test('a value that is shown can be typed', () => {
  fc.assert(
    fc.property(fc.oneof(whole, round), (value) => {
      expect(duration.parse(shown(value, 'duration'))).toBe(value);
      expect(size.parse(shown(value, 'size'))).toBe(value);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (value) => {
      expect(rate.parse(shown(value, 'rate'))).toBe(value);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (value) => {
      expect(share.parse(shown(value / 1_000_000, 'share'))).toBeCloseTo(value / 1_000_000, 8);
    }),
  );
});

test.each([
  [7_864_320, 'size', '7.5MiB'],
  [65_000, 'duration', '65s'],
  [31_536_000_000, 'duration', '365d'],
  [0.05, 'share', '5%'],
  [200, 'rate', '200/s'],
  [0, 'size', '0'],
] as const)('%d as %s is %s', (value, unit, text) => {
  expect(shown(value, unit)).toBe(text);
});

test.each([
  ['Size of the log.', 'size of the log'],
  ['SameSite of the cookie.', 'SameSite of the cookie'],
  ['URL of it', 'URL of it'],
])('%j behind a flag is %j', (description, text) => {
  expect(phrase(description)).toBe(text);
});
