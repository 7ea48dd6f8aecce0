import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExactJson, parseJson, stringifyJson } from '../../contracts/json.ts';
import type { FlatMessage } from '../../contracts/messages.ts';
import { ATOMIC_COLUMNS } from './atomic-columns.ts';
import { encodeEvent } from './encode.ts';
import { encodeEventText } from './encode-text.ts';
import { RowBinaryWriter } from './row-binary.ts';

const SOURCE = { partition: 3, offset: 12_345_678_901, key: Buffer.from('visitor ü') };

/** The row that the text gives; undefined where it is left to be parsed. */
function fromText(text: string | Buffer) {
  const writer = new RowBinaryWriter(16);
  const written = encodeEventText(writer, Buffer.from(text), SOURCE);
  if (!written) expect(writer.length).toBe(0);
  return written ? readRow(writer.take()) : undefined;
}

function fromMessage(text: string) {
  const writer = new RowBinaryWriter(16);
  encodeEvent(writer, parseJson(text) as FlatMessage, SOURCE);
  return readRow(writer.take());
}

/** A row taken apart; texts that are JSON are parsed, as their order of members says nothing. */
function readRow(row: Buffer) {
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return row.toString('hex', at - bytes, at);
  };
  const text = () => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = row[at++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const value = row.toString('utf8', at, at + length);
    at += length;
    return value;
  };
  const nullable = (bytes: number) => (row[at++] === 1 ? null : take(bytes));
  const fields: unknown[] = [take(4), text()];
  for (const [, kind] of ATOMIC_COLUMNS)
    fields.push(kind === 'text' ? text() : nullable(kind === 'flag' ? 1 : 8));
  fields.push(JSON.parse(text()), JSON.parse(text() || 'null'), take(4), take(8));
  expect(at).toBe(row.length);
  return fields;
}

const column = fc.constantFrom(...ATOMIC_COLUMNS.map(([name]) => `event-${name}`));
const name = fc.oneof(
  { weight: 3, arbitrary: column },
  fc.constantFrom('request-a', 'query-b', 'x_1-c', 'x_1-d', 'x.y-e', 'profile-f', 'ü-g'),
  fc.string({ unit: 'binary' }),
);
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'page_view', '2023-11-14T22:13:20Z', '2023-11-14T22:13:20.500Z', '\ud800'),
  fc.integer(),
  fc.bigInt(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }),
) as fc.Arbitrary<ExactJson>;
const message = fc.dictionary(name, value, { maxKeys: 30, size: 'max' });

describe('a row out of the text of a message', () => {
  it('is the row that parsing the message gives, or none', () => {
    let copied = 0;
    fc.assert(
      fc.property(message, (given) => {
        const text = stringifyJson(given);
        const row = fromText(text);
        if (row === undefined) return;
        copied++;
        expect(row).toEqual(fromMessage(text));
      }),
      { numRuns: 1_000 },
    );
    expect(copied).toBeGreaterThan(100);
  });

  it('is none for text that is no JSON, nor for a piece of one', () => {
    const text = Buffer.from('{"event-app_id":"a","query-x":"\\n","x-y":[1,2],"event-txn_id":7,"z-b":true}');
    expect(fromText(text)).toEqual(fromMessage(text.toString()));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(text);
        changed[at] = byte;
        const row = fromText(changed);
        if (row !== undefined) expect(row).toEqual(fromMessage(changed.toString()));
      }),
      { numRuns: 5_000 },
    );
    for (let length = 0; length < text.length; length++) {
      expect(fromText(text.subarray(0, length))).toBeUndefined();
    }
  });

  it.each([
    ['a null', '{"event-app_id":null}'],
    ['an object', '{"x-a":{"b":1}}'],
    ['a list of lists', '{"x-a":[[1]]}'],
    ['a name that occurs again', '{"x-a":1,"x-a":2}'],
    ['no member', '{}'],
  ])('is none for %s', (_what, text) => {
    expect(fromText(text)).toBeUndefined();
  });

  it('needs the key: without it the visitor has to be found', () => {
    expect(encodeEventText(new RowBinaryWriter(), Buffer.from('{"x-a":1}'), { ...SOURCE, key: null })).toBe(
      false,
    );
  });

  it('knows more names than it remembers', () => {
    for (let i = 0; i < 9_000; i++) {
      const text = `{"x-${i}":"a","request-${i}":"b"}`;
      expect(fromText(text)!.slice(-4, -2)).toEqual([{ [`x-${i}`]: 'a' }, { [`request-${i}`]: 'b' }]);
    }
  });
});
