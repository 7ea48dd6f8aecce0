import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExactJson, parseJson, stringifyJson } from '../contracts/json.ts';
import { FlatReader } from './flat-reader.ts';

const reader = new FlatReader(['event-a', 'event-b', 'query-ü', 'x']);
const read = (text: string) => reader.read(Buffer.from(text));

const name = fc.oneof(
  fc.constantFrom('event-a', 'event-b', 'query-ü', 'x', 'y'),
  fc.string({ unit: 'binary' }),
);
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.bigInt(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const value = fc.oneof({ weight: 5, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 }));
const message = fc.dictionary(name, value as fc.Arbitrary<ExactJson>, { maxKeys: 8 });

describe('reading some values of a flattened message', () => {
  it('gives them as parsing does, or leaves the message to it', () => {
    let readable = 0;
    fc.assert(
      fc.property(message, (given) => {
        const text = stringifyJson(given);
        const found = read(text);
        if (found === undefined) return;
        readable++;
        const parsed = parseJson(text) as Record<string, ExactJson>;
        const wanted = ['event-a', 'event-b', 'query-ü', 'x'].filter((key) => Object.hasOwn(parsed, key));
        expect(found).toEqual(Object.fromEntries(wanted.map((key) => [key, parsed[key]])));
      }),
      { numRuns: 2_000 },
    );
    expect(readable).toBeGreaterThan(200);
  });

  it('takes no text that is no JSON', () => {
    const text = Buffer.from('{"event-a":"b\\n","event-c":[1,"d"],"x":-1.5,"y":true}');
    expect(reader.read(text)).toEqual({ 'event-a': 'b\n', x: -1.5 });
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(text);
        changed[at] = byte;
        const found = reader.read(changed);
        if (found !== undefined) expect(JSON.parse(changed.toString())).toMatchObject(found);
      }),
      { numRuns: 5_000 },
    );
    for (let length = 0; length < text.length; length++) {
      expect(reader.read(text.subarray(0, length))).toBeUndefined();
    }
  });

  it.each([
    '{}',
    '[]',
    'null',
    '{"x": 1}',
    '{"x":null}',
    '{"x":1.0}',
    '{"\\u0078":1}',
    '{"x":1}x',
    '{"x":[}',
  ])('leaves %s alone', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
