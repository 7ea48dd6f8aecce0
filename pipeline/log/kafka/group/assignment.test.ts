import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign, type Member } from './assignment.ts';

const membership = fc
  .record({ partitions: fc.integer({ min: 1, max: 24 }), count: fc.integer({ min: 1, max: 6 }) })
  .chain(({ partitions, count }) =>
    fc.record({
      partitions: fc.constant(partitions),
      // Of each partition: who holds it, nobody being as likely as anybody.
      holders: fc.array(fc.integer({ min: 0, max: count }), { minLength: partitions, maxLength: partitions }),
      count: fc.constant(count),
    }),
  )
  .map(({ partitions, holders, count }) => ({
    partitions,
    members: Array.from(
      { length: count },
      (_, i): Member => ({
        id: `member ${i}`,
        owned: holders.flatMap((holder, p) => (holder === i ? [p] : [])),
      }),
    ),
  }));

it('gives no partition to two, nor to one while another holds it', () => {
  fc.assert(
    fc.property(membership, ({ partitions, members }) => {
      const shares = assign(partitions, members);
      const given = [...shares.values()].flat();
      expect(new Set(given).size).toBe(given.length);
      for (const { id, owned } of members) {
        for (const [other, share] of shares) {
          if (other !== id) expect(share.filter((partition) => owned.includes(partition))).toEqual([]);
        }
      }
    }),
  );
});

it('gives every partition away, evenly, once those who hold too many have let go', () => {
  fc.assert(
    fc.property(membership, ({ partitions, members }) => {
      const first = assign(partitions, members);
      const settled = members.map(({ id }) => ({ id, owned: first.get(id)! }));
      const second = assign(partitions, settled);
      expect([...second.values()].flat().sort((a, b) => a - b)).toEqual(
        Array.from({ length: partitions }, (_, i) => i),
      );
      const sizes = [...second.values()].map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      // And then nothing moves any more.
      const third = assign(
        partitions,
        members.map(({ id }) => ({ id, owned: second.get(id)! })),
      );
      expect(third).toEqual(second);
    }),
  );
});

it('moves no more than it must when a member comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 5 }), (partitions, count) => {
      const ids = Array.from({ length: count }, (_, i) => ({ id: `member ${i}`, owned: [] as number[] }));
      const before = assign(partitions, ids);
      const members = [
        ...ids.map(({ id }) => ({ id, owned: before.get(id)! })),
        { id: 'newcomer', owned: [] },
      ];
      const after = assign(partitions, members);
      const kept = ids.reduce((sum, { id }) => sum + after.get(id)!.length, 0);
      expect(kept).toBeGreaterThanOrEqual(partitions - Math.ceil(partitions / (count + 1)));
      for (const { id } of ids)
        for (const partition of after.get(id)!) expect(before.get(id)).toContain(partition);
    }),
  );
});

it('takes away what two say they hold', () => {
  const shares = assign(2, [
    { id: 'a', owned: [0] },
    { id: 'b', owned: [0, 1] },
  ]);
  expect(shares).toEqual(
    new Map([
      ['a', []],
      ['b', [1]],
    ]),
  );
});
