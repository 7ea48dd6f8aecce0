import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnvelopeWriter, envelopeOf } from './envelope.ts';
import { decodeUtf8 } from './utf8.ts';

const identity = { id: 'web', instance: 'i-1', hostname: 'hö"st', name: 'na\\me' };

test('the bytes written by hand are the envelope', () => {
  const writer = new EnvelopeWriter(identity);
  const line = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(line, time, fc.string(), fc.nat(), (bytes, time, path, offset) => {
      writer.begin(path, time);
      const written = writer.write(bytes, 0, bytes.length, offset)!;
      const expected = envelopeOf(identity, { time, offset, path, message: decodeUtf8(bytes) });
      expect(JSON.parse(written.toString())).toEqual(expected);
    }),
  );
});

test('what was handed out stays as it is while more is written', () => {
  const writer = new EnvelopeWriter(identity);
  const messages: string[] = [];
  const written: Buffer[] = [];
  writer.begin('/log', 0);
  for (const size of [10, 900_000, 20, 200_000, 3_000_000, 5]) {
    const line = Buffer.alloc(size, `\\"${size}`);
    messages.push(line.toString());
    written.push(writer.write(line, 0, line.length, 0)!);
  }
  expect(written.map((one) => JSON.parse(one.toString()).message)).toEqual(messages);
});

test('an envelope larger than allowed is not written; one just as large is', () => {
  const writer = new EnvelopeWriter(identity);
  writer.begin('/log', 0);
  const line = Buffer.alloc(20_000, '\0');
  const size = writer.write(line, 0, line.length, 7)!.length;
  expect(size).toBeGreaterThan(120_000);
  expect(writer.write(line, 0, line.length, 7, size - 1)).toBeNull();
  expect(writer.write(line, 0, line.length, 7, size)).toHaveLength(size);
});
