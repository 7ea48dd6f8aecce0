import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExactJson, parseJson, stringifyJson } from '../contracts/json.ts';
import type { ProcessedMessage } from '../contracts/messages.ts';
import { flatten } from './flatten.ts';
import { flattenText } from './flatten-text.ts';

const flattened = (text: string): string | undefined => flattenText(Buffer.from(text))?.toString();

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'page_url', 'b-c', '__proto__', 'ü', '"', '\\', '\u2028', '1', ''),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.bigInt(), fc.constantFrom(0, -0, 1e21, 1e-7, 0.1));
const value = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: number },
  fc.jsonValue(),
  fc.constantFrom(null, true, false, ''),
) as fc.Arbitrary<ExactJson>;
const list = fc.array(fc.record({ name, value }, { noNullPrototype: true }), { maxLength: 8 });
const processed = fc
  .tuple(list, fc.dictionary(fc.oneof(fc.constantFrom('event-x', 'a'), name), list, { maxKeys: 4 }))
  .map(([event, rest]) => ({ event, ...rest }) as unknown as ProcessedMessage);

describe('flattening text', () => {
  it('gives the same as flattening what is parsed, or leaves it alone', () => {
    let copied = 0;
    fc.assert(
      fc.property(processed, (message) => {
        const text = stringifyJson(message);
        const flat = flattened(text);
        if (flat === undefined) return;
        copied++;
        expect(parseJson(flat)).toEqual(parseJson(stringifyJson(flatten(parseJson(text) as never))));
      }),
      { numRuns: 2_000 },
    );
    expect(copied).toBeGreaterThan(200);
  });

  it('makes nothing of text that is no JSON, or no message', () => {
    const message = Buffer.from(
      '{"event":[{"name":"a","value":"b"},{"name":"c","value":[1,{"d":null}]}],"x":[]}',
    );
    expect(flattenText(message)?.toString()).toBe('{"event-a":"b","event-c":"[1,{\\"d\\":null}]"}');
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(message);
        changed[at] = byte;
        const flat = flattenText(changed);
        if (flat === undefined) return;
        const parsed = JSON.parse(changed.toString());
        expect(JSON.parse(flat.toString())).toEqual(JSON.parse(stringifyJson(flatten(parsed))));
      }),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(fc.nat(message.length - 1), (length) => {
        expect(flattenText(message.subarray(0, length))).toBeUndefined();
      }),
    );
  });

  it.each([
    ['spaces', '{"event": [{"name":"a","value":1}]}'],
    ['another order', '{"event":[{"value":1,"name":"a"}]}'],
    ['a name that occurs again', '{"event":[{"name":"a","value":1},{"name":"a","value":2}]}'],
    [
      'names that are the same when flattened',
      '{"event":[{"name":"a-b","value":1}],"event-a":[{"name":"b","value":1}]}',
    ],
    ['a namespace that occurs again', '{"event":[],"event":[{"name":"a","value":1}]}'],
    ['escapes in a name', '{"event":[{"name":"\\u0061","value":1}]}'],
    ['another spelling of a number', '{"event":[{"name":"a","value":1.0}]}'],
    ['no event', '{"query":[]}'],
    ['something after the end', '{"event":[]}{}'],
    ['a control character', '{"event":[{"name":"a","value":"\n"}]}'],
    ['an escape that is none', '{"event":[{"name":"a","value":"\\x"}]}'],
  ])('leaves %s alone', (_what, text) => {
    expect(flattened(text)).toBeUndefined();
  });

  it('leaves invalid UTF-8 alone', () => {
    const text = Buffer.from('{"event":[{"name":"a","value":"x"}]}');
    text[text.indexOf('x')] = 0xff;
    expect(flattenText(text)).toBeUndefined();
  });

  it('keeps texts apart that are written one after the other, of any size', () => {
    const texts = Array.from(
      { length: 40 },
      (_, i) => `{"event":[{"name":"a","value":"${'x'.repeat(i * 9_999)}"}]}`,
    );
    const flat = texts.map((text) => flattenText(Buffer.from(text))!);
    flat.forEach((one, i) => {
      expect(one.toString()).toBe(`{"event-a":"${'x'.repeat(i * 9_999)}"}`);
    });
  });
});
