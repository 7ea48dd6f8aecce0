import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rangeAssignment } from './assignment.ts';

it('gives every partition to one member, in ranges that differ by one at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 20 }), (partitions, count) => {
      const members = Array.from({ length: count }, (_, i) => `member ${i}`);
      const shares = members.map((member) => rangeAssignment(partitions, members, member));
      expect(shares.flat()).toEqual(Array.from({ length: partitions }, (_, i) => i));
      const sizes = shares.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

it('gives nothing to somebody who is no member', () => {
  expect(rangeAssignment(4, ['a', 'b'], 'c')).toEqual([]);
  expect(rangeAssignment(4, [], 'c')).toEqual([]);
});
