import { isUtf8 } from 'node:buffer';

/**
 * The text of received bytes as the shipper leaves it: Go's rule, one U+FFFD for each byte that is not part of a
 * valid UTF-8 sequence. (WHATWG decoders, Node's among them, put one for a truncated sequence as a whole.)
 */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  let start = 0;
  let i = 0;
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    text += `${bytes.toString('utf8', start, i)}\uFFFD`;
    i += 1;
    start = i;
  }
  return text + bytes.toString('utf8', start);
}

/** How many bytes the valid sequence at `i` has; 0 where there is none. */
function sequenceLength(bytes: Buffer, i: number): number {
  const lead = bytes[i]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > bytes.length) return 0;
  const second = bytes[i + 1]!;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  return length;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

/** The text of bytes that are held as a latin1 string, one character a byte. */
export function textOfLatin1(latin1: string): string {
  return BEYOND_ASCII.test(latin1) ? textOfBytes(Buffer.from(latin1, 'latin1')) : latin1;
}

const TABS = /\t/g;
const CONTROL = /[\u0000-\u001f\u007f]/g;
const MAY_NEED_CLEANING = /[\u0000-\u001f\u007f]/;

/** Text as it is stored: tabs are four spaces, control characters are gone; null where nothing is left. */
export function cleanText(text: string): string | null {
  if (text === '') return null;
  if (!MAY_NEED_CLEANING.test(text)) return text;
  return text.replace(TABS, '    ').replace(CONTROL, '') || null;
}
