import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf } from './cursor.ts';
import { HashSet } from './hash-set.ts';
import { NameTable } from './name-table.ts';

const find = (table: NameTable, name: Buffer) =>
  table.find(name, 0, name.length, hashOf(name, 0, name.length));

test('finds every name that was added, and no other', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 60 }),
      fc.string(),
      (names, other) => {
        const table = new NameTable(60);
        names.forEach((name, i) => {
          expect(table.add(Buffer.from(name))).toBe(i);
        });
        names.forEach((name, i) => {
          expect(find(table, Buffer.from(name))).toBe(i);
        });
        if (!names.includes(other)) expect(find(table, Buffer.from(other))).toBe(-1);
      },
    ),
  );
});

test('tells names of one hash apart', () => {
  // Two of the shortest texts with one FNV-1a hash.
  const [a, b] = [Buffer.from('costarring'), Buffer.from('liquid')];
  expect(hashOf(a, 0, a.length)).toBe(hashOf(b, 0, b.length));
  const table = new NameTable(2);
  table.add(a);
  expect(find(table, b)).toBe(-1);
  expect(table.add(b)).toBe(1);
  expect([find(table, a), find(table, b)]).toEqual([0, 1]);
  expect(() => table.add(Buffer.from('c'))).toThrow(RangeError);
});

test('a set of hashes forgets them all at once, and takes only so many', () => {
  const set = new HashSet();
  set.clear();
  expect([set.add(7), set.add(7), set.add(7 + 4_096)]).toEqual([true, false, true]);
  expect(set.size).toBe(2);
  set.clear();
  expect(set.add(7)).toBe(true);
  const taken = Array.from({ length: 5_000 }, (_, i) => set.add(1_000 + i)).filter(Boolean);
  expect(taken).toHaveLength(2_047);
});
