import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExactJson } from '../contracts/json.ts';
import type { NamedValue, ProcessedMessage } from '../contracts/messages.ts';
import { flatten } from './flatten.ts';

const message = (namespaces: Record<string, [string, ExactJson][]>): ProcessedMessage =>
  Object.fromEntries(
    Object.entries(namespaces).map(([name, values]) => [
      name,
      values.map(([n, value]) => ({ name: n, value })),
    ]),
  ) as ProcessedMessage;

describe('flattening', () => {
  it('names every value by its namespace, unknown ones too', () => {
    expect(
      flatten(
        message({
          event: [['page_url', 'http://x/']],
          com_acme_thing_1: [['size', 3]],
          __proto__x: [['y', true]],
        }),
      ),
    ).toEqual({ 'event-page_url': 'http://x/', 'com_acme_thing_1-size': 3, '__proto__x-y': true });
  });

  it('makes JSON text of objects and of lists that hold any', () => {
    const flat = flatten(
      message({
        ue: [
          ['a', { b: [1, null] }],
          ['c', [{ d: 1 }, 2]],
          ['e', [[1]]],
          ['f', {}],
        ],
      }),
    );
    expect(flat).toEqual({ 'ue-a': '{"b":[1,null]}', 'ue-c': '[{"d":1},2]', 'ue-e': '[[1]]', 'ue-f': '{}' });
  });

  it('keeps lists of scalars, and drops nulls outside of them', () => {
    expect(
      flatten(
        message({
          x: [
            ['a', ['b', null, 1]],
            ['c', null],
            ['d', []],
          ],
        }),
      ),
    ).toEqual({
      'x-a': ['b', null, 1],
      'x-d': [],
    });
  });

  it('makes a list of a name that occurs again, in order', () => {
    const flat = flatten(
      message({
        p: [
          ['sku', 'A'],
          ['tags', ['x', 'y']],
          ['sku', null],
          ['sku', 'B'],
          ['tags', ['z']],
          ['sku', { c: 1 }],
        ],
      }),
    );
    expect(flat).toEqual({ 'p-sku': ['A', 'B', '{"c":1}'], 'p-tags': ['["x","y"]', '["z"]'] });
  });

  it('keeps integers beyond a double inside JSON text', () => {
    expect(
      flatten(
        message({
          x: [
            ['a', { n: 12345678901234567890n }],
            ['b', 12345678901234567890n],
          ],
        }),
      ),
    ).toEqual({
      'x-a': '{"n":12345678901234567890}',
      'x-b': 12345678901234567890n,
    });
  });

  it('loses no value and adds none', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'toString', '__proto__');
    // JSON text has no -0: as part of an object or a list it is 0 afterwards.
    const value = fc.jsonValue().map((any) => JSON.parse(JSON.stringify(any)) as ExactJson);
    const values = fc.array(fc.record({ name, value }), {
      maxLength: 12,
    });
    const processed = fc.dictionary(fc.constantFrom('event', 'x', 'y-z'), values);
    fc.assert(
      fc.property(processed, (given) => {
        const flat = flatten(given as ProcessedMessage);
        const groups = new Map<string, ExactJson[]>();
        for (const [namespace, list] of Object.entries(given)) {
          for (const { name: n, value } of list as NamedValue[]) {
            if (value === null) continue;
            const key = `${namespace}-${n}`;
            groups.set(key, [...(groups.get(key) ?? []), value]);
          }
        }
        expect(Object.keys(flat)).toEqual([...groups.keys()]);
        for (const [key, group] of groups) {
          const got = flat[key]!;
          const entries = group.length === 1 && Array.isArray(got) ? [got] : [got].flat();
          expect(entries).toHaveLength(group.length);
          group.forEach((value, i) => {
            const back = entries[i];
            const isText = typeof back === 'string' && typeof value !== 'string';
            expect(isText ? JSON.parse(back) : back).toEqual(value);
          });
        }
      }),
    );
  });
});
