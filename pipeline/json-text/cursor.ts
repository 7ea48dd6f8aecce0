/**
 * JSON text read as bytes, without making values of it: what only passes through a stage is copied as it stands, which costs a
 * tenth of parsing and writing it again. Only text as `JSON.stringify` writes it is read; whoever meets anything else (spaces,
 * another spelling of a number, invalid text) is told so and leaves it to `parseJson`.
 */

/** What a value is. */
export const UNUSUAL = 0;
export const STRING = 1;
export const NUMBER = 2;
export const FLAG = 3;
export const NULL = 4;
export const NESTED = 5;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes that end the plain run of a string: the quote, the backslash, control characters. */
const SPECIAL = new Uint8Array(256);
for (let byte = 0; byte < 0x20; byte++) SPECIAL[byte] = 1;
SPECIAL[QUOTE] = 1;
SPECIAL[BACKSLASH] = 1;

/** What may stand after a backslash, `u` apart. */
const ESCAPES = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) ESCAPES[byte] = 1;

const HASH_BEGIN = 0x811c9dc5 | 0;

/** FNV-1a over some bytes, on from another hash. */
export function hashOf(bytes: Uint8Array, start: number, end: number, hash = HASH_BEGIN): number {
  let h = hash;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h;
}

/** Goes through JSON text. The text must be valid UTF-8 (`isUtf8`), which is not looked at here. */
export class JsonCursor {
  readonly bytes: Buffer;
  /** Where it stands. */
  at = 0;
  /** What was read last: of a string what is between its quotes, of other values all. */
  start = 0;
  end = 0;
  /** Whether the string read last has no escapes: its bytes are its characters. */
  plain = true;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Steps over a byte, if it is this one. */
  take(byte: number): boolean {
    if (byteAt(this.bytes, this.at) !== byte) return false;
    this.at++;
    return true;
  }

  /** Steps over some bytes, if they are these. */
  takeAll(bytes: Uint8Array): boolean {
    if (this.at + bytes.length > this.bytes.length) return false;
    for (let i = 0; i < bytes.length; i++) if (this.bytes[this.at + i] !== bytes[i]) return false;
    this.at += bytes.length;
    return true;
  }

  /** Steps over a string; false, where there is none. */
  string(): boolean {
    const { bytes } = this;
    const { length } = bytes;
    if (byteAt(bytes, this.at) !== QUOTE) return false;
    let i = this.at + 1;
    this.start = i;
    this.plain = true;
    for (;;) {
      while (i < length && SPECIAL[bytes[i]!] === 0) i++;
      const byte = byteAt(bytes, i);
      if (byte === QUOTE) break;
      if (byte !== BACKSLASH) return false;
      this.plain = false;
      const escaped = byteAt(bytes, i + 1);
      if (escaped === 0x75) {
        if (!isHex(bytes, i + 2)) return false;
        i += 6;
      } else if (ESCAPES[escaped] === 1) i += 2;
      else return false;
    }
    this.end = i;
    this.at = i + 1;
    return true;
  }

  /** Steps over a value and says what it is. */
  value(): number {
    switch (byteAt(this.bytes, this.at)) {
      case QUOTE:
        return this.string() ? STRING : UNUSUAL;
      case 0x7b:
      case 0x5b:
        return this.#nested() ? NESTED : UNUSUAL;
      case 0x74:
        return this.#word(TRUE) ? FLAG : UNUSUAL;
      case 0x66:
        return this.#word(FALSE) ? FLAG : UNUSUAL;
      case 0x6e:
        return this.#word(NULL_TEXT) ? NULL : UNUSUAL;
      default:
        return this.#number() ? NUMBER : UNUSUAL;
    }
  }

  /** What was read last, as text (of a string, as it is escaped). */
  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  #word(word: Uint8Array): boolean {
    this.start = this.at;
    const taken = this.takeAll(word);
    this.end = this.at;
    return taken;
  }

  #number(): boolean {
    const { bytes } = this;
    const start = this.at;
    let i = byteAt(bytes, start) === 0x2d ? start + 1 : start;
    const first = i;
    while (isDigit(byteAt(bytes, i))) i++;
    const digits = i - first;
    const wholly = digits > 0 && (bytes[first] !== 0x30 || (digits === 1 && first === start));
    while (isOfNumber(byteAt(bytes, i))) i++;
    this.start = start;
    this.end = i;
    this.at = i;
    if (i === first + digits) return wholly;
    const text = this.text();
    return String(Number(text)) === text;
  }

  /** Finds the end of an object or list; whoever needs its inside parses it, and then learns whether it is valid. */
  #nested(): boolean {
    const { bytes } = this;
    const start = this.at;
    let depth = 0;
    do {
      const byte = byteAt(bytes, this.at);
      if (byte === QUOTE) {
        if (!this.string()) return false;
        continue;
      }
      if (byte === NONE) return false;
      if (byte === 0x7b || byte === 0x5b) depth++;
      else if (byte === 0x7d || byte === 0x5d) depth--;
      this.at++;
    } while (depth > 0);
    this.start = start;
    this.end = this.at;
    return true;
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL_TEXT = Buffer.from('null');

/** Beyond the end. */
const NONE = 0;

/** Reads within bounds only: one read beyond them, and V8 makes every read of that place slow for good. */
function byteAt(bytes: Buffer, at: number): number {
  return at < bytes.length ? bytes[at]! : NONE;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A point, a sign, an exponent or another digit. */
function isOfNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === 0x2d;
}

function isHex(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + 4; i++) {
    const byte = byteAt(bytes, i);
    const letter = byte | 0x20;
    if (!isDigit(byte) && !(letter >= 0x61 && letter <= 0x66)) return false;
  }
  return true;
}
