import { isUtf8 } from 'node:buffer';
import { type ExactJson, parseJson, stringifyJson } from '../contracts/json.ts';
import { ByteWriter } from '../json-text/byte-writer.ts';
import { hashOf, JsonCursor, NESTED, NULL, STRING, UNUSUAL } from '../json-text/cursor.ts';
import { HashSet } from '../json-text/hash-set.ts';
import { flatValue } from './flatten.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const DASH = 0x2d;
const NAME = Buffer.from('{"name":');
const VALUE = Buffer.from(',"value":');
const EVENT = Buffer.from('event');

const writer = new ByteWriter();
const namespaces = new HashSet();
const names = new HashSet();

/**
 * {@link flatten} from text to text: the same message as flattening what was parsed, written as JSON. Scalars are copied as they stand.
 *
 * @returns undefined for what is not worth a second way to do it, and left to `flatten`: names that occur again, names with
 * escapes, and all that is no compact text of namespaces with an `event` among them
 */
export function flattenText(text: Buffer): Buffer | undefined {
  if (!isUtf8(text)) return undefined;
  const cursor = new JsonCursor(text);
  writer.begin();
  namespaces.clear();
  names.clear();
  let hasEvent = false;
  if (!cursor.take(OPEN)) return undefined;
  writer.byte(OPEN);
  do {
    if (!cursor.string() || !cursor.plain) return undefined;
    const { start, end } = cursor;
    const hash = hashOf(text, start, end);
    if (!namespaces.add(hash)) return undefined;
    if (text.compare(EVENT, 0, EVENT.length, start, end) === 0) hasEvent = true;
    if (!cursor.take(COLON) || !flattenList(cursor, start, end, hash)) return undefined;
  } while (cursor.take(COMMA));
  if (!cursor.take(CLOSE) || cursor.at !== text.length || !hasEvent) return undefined;
  writer.byte(CLOSE);
  return writer.take();
}

/** The named values of one namespace, whose name is between `from` and `to`. */
function flattenList(cursor: JsonCursor, from: number, to: number, namespace: number): boolean {
  const { bytes } = cursor;
  if (!cursor.take(OPEN_LIST)) return false;
  if (cursor.take(CLOSE_LIST)) return true;
  const prefix = Math.imul(namespace ^ DASH, 0x01000193);
  do {
    if (!cursor.takeAll(NAME) || !cursor.string() || !cursor.plain) return false;
    const { start, end } = cursor;
    if (!cursor.takeAll(VALUE)) return false;
    const kind = cursor.value();
    if (kind === UNUSUAL) return false;
    if (kind !== NULL) {
      if (!names.add(hashOf(bytes, start, end, prefix))) return false;
      if (names.size > 1) writer.byte(COMMA);
      writer.byte(QUOTE);
      writer.copy(bytes, from, to);
      writer.byte(DASH);
      writer.copy(bytes, start, end);
      writer.byte(QUOTE);
      writer.byte(COLON);
      if (kind === NESTED) {
        if (!writeNested(cursor.text())) return false;
      } else {
        const quotes = kind === STRING ? 1 : 0;
        writer.copy(bytes, cursor.start - quotes, cursor.end + quotes);
      }
    }
    if (!cursor.take(CLOSE)) return false;
  } while (cursor.take(COMMA));
  return cursor.take(CLOSE_LIST);
}

/** Objects and lists are few: these are parsed. */
function writeNested(text: string): boolean {
  let value: ExactJson;
  try {
    value = parseJson(text);
  } catch {
    return false;
  }
  const json = Buffer.from(stringifyJson([flatValue(value as Exclude<ExactJson, null>)]).slice(1, -1));
  writer.copy(json, 0, json.length);
  return true;
}
