import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordKey } from './record-key.ts';

const keyOf = (line: string | Buffer) => {
  const bytes = Buffer.from(line as string);
  // Other bytes around it, as in a chunk of the file.
  const source = Buffer.concat([Buffer.from('"}\n'), bytes, Buffer.from('\n{"partition_key":"other"}')]);
  return recordKey(source, 3, 3 + bytes.length)?.toString() ?? null;
};

test('the partition_key is the key, wherever it stands and whatever is in it', () => {
  const other = fc.dictionary(
    fc.string().filter((name) => name !== 'partition_key'),
    fc.string(),
  );
  const value = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('a"b', '\\', 'x"partition_key":"y', 'ü', '😀', '\n', 'v'.repeat(10_000)),
  );
  fc.assert(
    fc.property(other, value, fc.boolean(), fc.boolean(), (fields, key, last, spaced) => {
      const line = last ? { ...fields, partition_key: key } : { partition_key: key, ...fields };
      expect(
        keyOf(spaced ? JSON.stringify(line, null, ' ').replaceAll('\n', '') : JSON.stringify(line)),
      ).toBe(Buffer.from(key).toString());
    }),
    { numRuns: 500 },
  );
});

test('a field whose value only looks like a key is none', () => {
  expect(keyOf('{"remote_addr":"1.2.3.4","uri":"\\"partition_key\\":\\"x"}')).toBe('1.2.3.4');
  expect(keyOf('{"remote_addr":"1.2.3.4","my_partition_key":"x"}')).toBe('1.2.3.4');
});

test('without one it is the raw duid, else the address, else nothing', () => {
  expect(keyOf('{"remote_addr":"1.2.3.4","query_string":"e=pv&duid=a%20b&x=1","partition_key":""}')).toBe(
    'a%20b',
  );
  expect(keyOf('{"remote_addr":"1.2.3.4","query_string":"xduid=a&duid="}')).toBe('1.2.3.4');
  expect(keyOf('{"remote_addr":"","query_string":""}')).toBeNull();
  for (const line of ['', '{', 'text', '[]', 'null', '"}', '{"partition_key":"x"', '"partition_key":"x"}']) {
    expect(keyOf(line)).toBeNull();
  }
});

test('invalid UTF-8 in a key is replaced as in the message', () => {
  const line = Buffer.concat([
    Buffer.from('{"partition_key":"a'),
    Buffer.from([0xe2, 0x82]),
    Buffer.from('"}'),
  ]);
  expect(recordKey(line, 0, line.length)?.toString()).toBe('a\ufffd\ufffd');
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      recordKey(Buffer.from(bytes), 0, bytes.length);
    }),
  );
});
