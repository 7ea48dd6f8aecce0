import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toValidUtf8 } from './valid-utf8.ts';

it('replaces each byte that is not part of valid UTF-8 by one U+FFFD', () => {
  // Vectors as Go's utf8.DecodeRune gives them: surrogates, overlong forms and cut sequences are invalid byte by byte.
  expect(toValidUtf8(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  expect(toValidUtf8(Buffer.from([0xe2, 0x82]))).toBe('\ufffd\ufffd');
  expect(toValidUtf8(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\ufffd\ufffd\ufffd');
  expect(toValidUtf8(Buffer.from([0xc0, 0xaf]))).toBe('\ufffd\ufffd');
  expect(toValidUtf8(Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0x80]))).toBe('😀\ufffd');
});

it('keeps valid text as it is, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      const bytes = Buffer.concat([Buffer.from(a), Buffer.from([0xff]), Buffer.from(b)]);
      expect(toValidUtf8(bytes)).toBe(`${Buffer.from(a)}\ufffd${Buffer.from(b)}`);
    }),
  );
});
