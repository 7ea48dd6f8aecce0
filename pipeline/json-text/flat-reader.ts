import { isUtf8 } from 'node:buffer';
import { parseJson } from '../contracts/json.ts';
import type { FlatMessage, FlatValue } from '../contracts/messages.ts';
import { FLAG, hashOf, JsonCursor, NESTED, NULL, NUMBER, STRING, UNUSUAL } from './cursor.ts';
import { NameTable } from './name-table.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LOWER_T = 0x74;

/** Reads some values of flattened messages out of their text and passes over the others. */
export class FlatReader {
  readonly #table: NameTable;
  readonly #names: readonly string[];

  constructor(names: Iterable<string>) {
    this.#names = [...new Set(names)];
    this.#table = new NameTable(this.#names.length);
    for (const name of this.#names) this.#table.add(Buffer.from(name));
  }

  /**
   * The values of those names that the message has, as `parseJson` would give them.
   *
   * @returns undefined for text that is unusual, or no object at all: it must be parsed
   */
  read(text: Buffer): FlatMessage | undefined {
    if (!isUtf8(text)) return undefined;
    const cursor = new JsonCursor(text);
    const found: FlatMessage = {};
    if (!cursor.take(OPEN)) return undefined;
    do {
      if (!cursor.string() || !cursor.plain) return undefined;
      const { start, end } = cursor;
      if (!cursor.take(COLON)) return undefined;
      const kind = cursor.value();
      if (kind === UNUSUAL || kind === NULL) return undefined;
      const name = this.#table.find(text, start, end, hashOf(text, start, end));
      // What is inside a list has not been looked at yet: reading it shows whether it is valid.
      if (name < 0 && kind !== NESTED) continue;
      const value = valueAt(cursor, kind);
      if (value === undefined) return undefined;
      if (name >= 0) found[this.#names[name]!] = value;
    } while (cursor.take(COMMA));
    return cursor.take(CLOSE) && cursor.at === text.length ? found : undefined;
  }
}

/** The value that a cursor has just stepped over; undefined for a list or object that is not valid. Not for nulls. */
export function valueAt(cursor: JsonCursor, kind: number): FlatValue | undefined {
  switch (kind) {
    case STRING:
      return cursor.plain ? cursor.text() : (JSON.parse(`"${cursor.text()}"`) as string);
    case FLAG:
      return cursor.bytes[cursor.start] === LOWER_T;
    case NUMBER:
      return numberOf(cursor.text());
    default:
      try {
        return parseJson(cursor.text()) as FlatValue;
      } catch {
        return undefined;
      }
  }
}

/** Only whole numbers can be beyond a double here: others are spelled as a double is. */
function numberOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text)
    ? BigInt(text)
    : number;
}
