import { isUtf8 } from 'node:buffer';

/**
 * UTF-8 as Go's `utf8.DecodeRune` sees it: every byte that does not begin or continue a valid sequence is one U+FFFD of its own.
 * `TextDecoder` differs: it replaces the longest valid beginning of a broken sequence by a single U+FFFD.
 */

/**
 * How many bytes the valid sequence at `at` has (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF);
 * 0 when the byte there is to be replaced.
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (at + 1 >= end) return 0;
  const second = bytes[at + 1]!;
  if (first < 0xe0) return (second & 0xc0) === 0x80 ? 2 : 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  if (at + 2 >= end || (bytes[at + 2]! & 0xc0) !== 0x80) return 0;
  if (first < 0xf0) return 3;
  return at + 3 < end && (bytes[at + 3]! & 0xc0) === 0x80 ? 4 : 0;
}

/** Text of bytes that may be invalid UTF-8, by Go's rule. */
export function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  let valid = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at, bytes.length);
    if (length === 0) {
      text += `${bytes.toString('utf8', valid, at)}\ufffd`;
      valid = at + 1;
    }
    at += length || 1;
  }
  return text + bytes.toString('utf8', valid);
}
