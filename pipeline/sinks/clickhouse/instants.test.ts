import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayOf, formatInstant, instantOf } from './instants.ts';

const FIRST = Date.UTC(1900, 0, 1);
const LAST = Date.UTC(2300, 0, 1) - 1;

it('reads every instant that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), fc.boolean(), (at, whole) => {
      const ms = whole ? Math.floor(at / 1_000) * 1_000 : at;
      expect(instantOf(formatInstant(ms))).toBe(ms);
    }),
  );
});

it('reads no text that it would write otherwise', () => {
  const near = fc
    .tuple(
      fc.constantFrom('2024-02-29T23:59:59.999Z', '1900-01-01T00:00:00Z'),
      fc.nat(24),
      fc.string({ maxLength: 2 }),
    )
    .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + put.length));
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), (text) => {
      const ms = instantOf(text);
      if (ms !== undefined) expect(formatInstant(ms)).toBe(text);
    }),
  );
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2023-11-14T22:13:20.000Z',
    '2023-11-14T22:13:20.5Z',
    '2023-11-14T24:00:00Z',
    '1899-12-31T23:59:59Z',
    '2300-01-01T00:00:00Z',
    '2023-11-14 22:13:20Z',
  ]) {
    expect(instantOf(text), text).toBeUndefined();
  }
});

it('counts days before 1970 downwards', () => {
  expect([dayOf(0), dayOf(-1), dayOf(86_400_000)]).toEqual([0, -1, 1]);
});
