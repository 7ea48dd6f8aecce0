import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapedLength, escapeInto, MAX_EXPANSION } from './escape.ts';
import { decodeUtf8 } from './utf8.ts';

function escaped(line: Uint8Array): string {
  const target = Buffer.alloc(line.length * MAX_EXPANSION);
  const end = escapeInto(line, 0, line.length, target, 0);
  expect(end).toBe(escapedLength(line, 0, line.length));
  return target.toString('utf8', 0, end);
}

/**
 * Go's rule said slowly: a sequence counts if the strict decoder takes exactly these bytes, the shortest first;
 * a byte that begins none is one U+FFFD.
 */
function goDecode(bytes: Buffer): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    let taken = 0;
    for (let length = 1; length <= 4 && at + length <= bytes.length && taken === 0; length++) {
      try {
        text += strict.decode(bytes.subarray(at, at + length));
        taken = length;
      } catch {}
    }
    if (taken === 0) text += '\ufffd';
    at += taken || 1;
  }
  return text;
}

/** Bytes around every boundary of UTF-8's table, so that broken sequences of all kinds are frequent. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(0, 9, 10, 13, 0x1f, 0x22, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xa8, 0xa9, 0xbf),
      fc.constantFrom(0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0x41),
      fc.nat(255),
    ),
    { maxLength: 40 },
  )
  .map((bytes) => Buffer.from(bytes));
const texts = fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text));

test('invalid UTF-8 becomes one U+FFFD a byte, as in Go', () => {
  fc.assert(
    fc.property(fc.oneof(nasty, texts), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(goDecode(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('a broken sequence is not one replacement but one for each of its bytes', () => {
  expect(decodeUtf8(Buffer.from([0x41, 0xe2, 0x82, 0x41]))).toBe('A\ufffd\ufffdA');
  expect(decodeUtf8(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\ufffd\ufffd\ufffd');
  expect(decodeUtf8(Buffer.from([0xf0, 0x9f, 0x98]))).toBe('\ufffd\ufffd\ufffd');
});

test('what is escaped parses to what was there', () => {
  fc.assert(
    fc.property(fc.oneof(nasty, texts), (bytes) => {
      expect(JSON.parse(`"${escaped(bytes)}"`)).toBe(goDecode(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('escapes are those of Filebeat', () => {
  expect(escaped(Buffer.from('a"b\\c\td\re\0f\x1f\x7f'))).toBe('a\\"b\\\\c\\td\\re\\u0000f\\u001f\x7f');
  expect(escaped(Buffer.from('\u2028\u2029\u2027'))).toBe('\\u2028\\u2029\u2027');
  expect(escaped(Buffer.from('<a href="/ü">&😀'))).toBe('<a href=\\"/ü\\">&😀');
});
