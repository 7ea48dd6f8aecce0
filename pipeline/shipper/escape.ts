import { sequenceLength } from './utf8.ts';

/** The most bytes that one byte of a line can become: a control character is `\u00XX`. */
export const MAX_EXPANSION = 6;

const HEX = Buffer.from('0123456789abcdef');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SHORT_ESCAPES: Readonly<Record<number, number>> = { 9: 0x74, 10: 0x6e, 13: 0x72 };

/** 1 for the bytes that are copied as they are. */
const PLAIN = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/**
 * Writes a line into `target` as the inside of a JSON string, escaped as Filebeat does: quote, backslash and
 * control characters, U+2028 and U+2029; `<>&/` and everything else beyond ASCII raw; invalid UTF-8 as U+FFFD, byte by byte.
 * `target` must have room for {@link MAX_EXPANSION} times the line.
 *
 * @returns where the next byte goes
 */
export function escapeInto(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let to = at;
  for (let from = start; from < end; from++) {
    const byte = source[from]!;
    if (PLAIN[byte] === 1) {
      target[to++] = byte;
    } else if (byte === QUOTE || byte === BACKSLASH) {
      target[to++] = BACKSLASH;
      target[to++] = byte;
    } else if (byte < 0x20) {
      to = escapeControl(byte, target, to);
    } else {
      const length = sequenceLength(source, from, end);
      if (length === 0) {
        target[to++] = 0xef;
        target[to++] = 0xbf;
        target[to++] = 0xbd;
      } else if (isLineSeparator(source, from, length)) {
        to = escapeLineSeparator(source[from + 2]!, target, to);
        from += 2;
      } else {
        for (const last = from + length; ; from++) {
          target[to++] = source[from]!;
          if (from + 1 === last) break;
        }
      }
    }
  }
  return to;
}

/** How many bytes {@link escapeInto} would write. For lines too long to reserve the worst case for. */
export function escapedLength(source: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let from = start; from < end; from++) {
    const byte = source[from]!;
    if (PLAIN[byte] === 1) length += 1;
    else if (byte === QUOTE || byte === BACKSLASH) length += 2;
    else if (byte < 0x20) length += SHORT_ESCAPES[byte] === undefined ? 6 : 2;
    else {
      const sequence = sequenceLength(source, from, end);
      if (sequence === 0) length += 3;
      else {
        length += isLineSeparator(source, from, sequence) ? 6 : sequence;
        from += sequence - 1;
      }
    }
  }
  return length;
}

function escapeControl(byte: number, target: Uint8Array, at: number): number {
  let to = at;
  target[to++] = BACKSLASH;
  const short = SHORT_ESCAPES[byte];
  if (short !== undefined) {
    target[to++] = short;
    return to;
  }
  target[to++] = 0x75;
  target[to++] = 0x30;
  target[to++] = 0x30;
  target[to++] = HEX[byte >> 4]!;
  target[to++] = HEX[byte & 15]!;
  return to;
}

/** U+2028 and U+2029 are E2 80 A8 and E2 80 A9. */
function isLineSeparator(source: Uint8Array, at: number, length: number): boolean {
  return length === 3 && source[at] === 0xe2 && source[at + 1] === 0x80 && (source[at + 2]! & 0xfe) === 0xa8;
}

function escapeLineSeparator(last: number, target: Uint8Array, at: number): number {
  let to = at;
  target[to++] = BACKSLASH;
  target[to++] = 0x75;
  target[to++] = 0x32;
  target[to++] = 0x30;
  target[to++] = 0x32;
  target[to++] = last === 0xa8 ? 0x38 : 0x39;
  return to;
}
