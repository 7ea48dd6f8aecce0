import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExactJson } from '../../pipeline/contracts/json.ts';
import { valueAt } from './value-at.ts';

test('finds what stands at the end of a path, in objects and lists', () => {
  const value = { event: { ids: ['a', { x: 7 }] }, 'event-page_url': 'u', 'a.b': { c: 1 } };
  expect(valueAt(value, 'event.ids.0')).toBe('a');
  expect(valueAt(value, 'event.ids.1.x')).toBe(7);
  expect(valueAt(value, 'event-page_url')).toBe('u');
  expect(valueAt(value, 'a.b.c')).toBe(1);
  expect(valueAt(value, 'event.nothing.x')).toBeUndefined();
  expect(valueAt(value, 'toString')).toBeUndefined();
  expect(valueAt(undefined, 'x')).toBeUndefined();
});

test('reads texts on the way that hold JSON, as envelopes do', () => {
  const envelope = { message: JSON.stringify({ request: { id: 'r1' } }) };
  expect(valueAt(envelope, 'message.request.id')).toBe('r1');
  expect(valueAt(envelope, 'message')).toBe(envelope.message);
  expect(valueAt({ message: '{ broken' }, 'message.request')).toBeUndefined();
});

test('finds every value of an object by the names on the way to it', () => {
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[.]/.test(text));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.integer(), (names, leaf) => {
      const value = names.reduceRight<ExactJson>((inner, key) => Object.fromEntries([[key, inner]]), leaf);
      expect(valueAt(value, names.join('.'))).toBe(leaf);
    }),
  );
});
