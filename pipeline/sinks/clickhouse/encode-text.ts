import { isUtf8 } from 'node:buffer';
import type { FlatValue } from '../../contracts/messages.ts';
import { hashOf, JsonCursor, NESTED, NULL, STRING, UNUSUAL } from '../../json-text/cursor.ts';
import { valueAt } from '../../json-text/flat-reader.ts';
import { HashSet } from '../../json-text/hash-set.ts';
import { NameTable } from '../../json-text/name-table.ts';
import { ATOMIC_COLUMNS } from './atomic-columns.ts';
import { absent, isExactInJson, isForRest, present, type RecordSource } from './encode.ts';
import { dayOf, instantOf } from './instants.ts';
import type { RowBinaryWriter } from './row-binary.ts';
import { Slices } from './slices.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const KINDS = ATOMIC_COLUMNS.map(([, kind]) => kind);
const COLLECTED = ATOMIC_COLUMNS.findIndex(([name]) => name === 'collector_tstamp');

/** Columns by name. */
const columns = new NameTable(ATOMIC_COLUMNS.length);
for (const [name] of ATOMIC_COLUMNS) columns.add(Buffer.from(`event-${name}`));

/** Names come from the network, so only so many are remembered: whether each may go into `rest`. */
const MOST_NAMES = 4_096;
let others = new NameTable(MOST_NAMES);
let forRest: boolean[] = [];

/** A row's columns, by place: where the member stands in the text, and its value where it is not copied as it stands. */
const starts = new Int32Array(KINDS.length);
const ends = new Int32Array(KINDS.length);
const values: (FlatValue | undefined)[] = new Array(KINDS.length).fill(undefined);
/** Where a value that is copied begins; 0: none. It ends a quote before its member. */
const copied = new Int32Array(KINDS.length);

const names = new HashSet();
const rest = new Slices();
const verbatim = new Slices();

/**
 * {@link encodeEvent} from the message's text: the same row, most of it copied as it stands.
 *
 * @returns false, with nothing written, for text that is unusual: it must be parsed, which also says what is wrong with it
 */
export function encodeEventText(writer: RowBinaryWriter, text: Buffer, source: RecordSource): boolean {
  if (source.key === null || !isUtf8(text) || !scan(text)) return false;
  const collected = values[COLLECTED];
  writer.int32(typeof collected === 'string' ? dayOf(instantOf(collected) ?? 0) : 0);
  writer.bytes(source.key);
  for (let i = 0; i < KINDS.length; i++) {
    const kind = KINDS[i]!;
    const value = values[i];
    if (copied[i] !== 0) writer.slice(text, copied[i]!, ends[i]! - 1);
    else if (value === undefined) absent(writer, kind);
    else if (!present(writer, kind, value)) {
      absent(writer, kind);
      (isExactInJson(value) ? rest : verbatim).add(starts[i]!, ends[i]!);
    }
  }
  const restAt = writer.openText();
  writer.byte(OPEN);
  rest.write(writer, text);
  writer.byte(CLOSE);
  writer.closeText(restAt);
  const verbatimAt = writer.openText();
  if (!verbatim.empty) {
    writer.byte(OPEN);
    verbatim.write(writer, text);
    writer.byte(CLOSE);
  }
  writer.closeText(verbatimAt);
  writer.uint32(source.partition);
  writer.int64(source.offset);
  return true;
}

/** Finds out where everything stands; false, where the text is unusual. */
function scan(text: Buffer): boolean {
  const cursor = new JsonCursor(text);
  names.clear();
  rest.clear();
  verbatim.clear();
  copied.fill(0);
  values.fill(undefined);
  if (!cursor.take(OPEN)) return false;
  do {
    const from = cursor.at;
    if (!cursor.string() || !cursor.plain) return false;
    const { start, end } = cursor;
    const hash = hashOf(text, start, end);
    if (!names.add(hash) || !cursor.take(COLON)) return false;
    const kind = cursor.value();
    if (kind === UNUSUAL || kind === NULL) return false;
    const column = columns.find(text, start, end, hash);
    if (column >= 0) {
      starts[column] = from;
      ends[column] = cursor.at;
      if (kind === STRING && cursor.plain && KINDS[column] === 'text' && cursor.end > cursor.start)
        copied[column] = cursor.start;
      else if (!setValue(column, cursor, kind)) return false;
    } else {
      const value = kind === STRING && cursor.plain ? '' : valueAt(cursor, kind);
      if (value === undefined || (kind === NESTED && !isList(value))) return false;
      const place = mayBeInRest(text, start, end, hash) && isExactInJson(value) ? rest : verbatim;
      place.add(from, cursor.at);
    }
  } while (cursor.take(COMMA));
  return cursor.take(CLOSE) && cursor.at === text.length;
}

function setValue(column: number, cursor: JsonCursor, kind: number): boolean {
  const value = valueAt(cursor, kind);
  if (value === undefined || (kind === NESTED && !isList(value))) return false;
  values[column] = value;
  return true;
}

function isList(value: FlatValue): boolean {
  return Array.isArray(value) && value.every((entry) => entry === null || typeof entry !== 'object');
}

function mayBeInRest(text: Buffer, start: number, end: number, hash: number): boolean {
  const known = others.find(text, start, end, hash);
  if (known >= 0) return forRest[known]!;
  const name = text.subarray(start, end);
  const may = isForRest(name.toString());
  if (others.full) {
    others = new NameTable(MOST_NAMES);
    forRest = [];
  }
  others.add(name);
  forRest.push(may);
  return may;
}
