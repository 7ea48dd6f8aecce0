import { stringifyJson } from '../../contracts/json.ts';
import type { FlatMessage, FlatScalar, FlatValue } from '../../contracts/messages.ts';
import { visitorOf } from '../../contracts/visitor.ts';
import { ATOMIC_COLUMNS, type ColumnKind } from './atomic-columns.ts';
import { dayOf, instantOf } from './instants.ts';
import type { RowBinaryWriter } from './row-binary.ts';

/** Where a record stands in `tracking_persisted`. */
export interface RecordSource {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
}

/** Columns of `tracking.events` in the order in which {@link encodeEvent} writes them. */
export const EVENT_COLUMNS: readonly string[] = [
  'event_date',
  'visitor',
  ...ATOMIC_COLUMNS.map(([name]) => name),
  'rest',
  'verbatim',
  'log_partition',
  'log_offset',
];

interface Name {
  /** The name as a member of an object begins: `,"event-app_id":`. */
  readonly member: string;
  /** Place of its column; -1 when it has none. */
  readonly column: number;
  /** It may go into the JSON column. */
  readonly plain: boolean;
}

const COLUMNS = ATOMIC_COLUMNS.map(([name, kind]) => ({
  key: `event-${name}`,
  kind,
  member: `,"event-${name}":`,
}));

/** Names that ClickHouse's JSON type keeps as they are: a dot would nest them. */
const PLAIN_NAME = /^[A-Za-z0-9_:@$ -]{1,256}$/;
/** As received, and looked at seldom: kept as text, which costs a third of what the JSON type does. */
const AS_RECEIVED = /^(?:request|query|kafka_raw|log)-/;

/** What is known of a name. Names come from the network, so only so many are remembered. */
const names = new Map<string, Name>();
const MOST_NAMES = 4_096;
const columnNames: ReadonlyMap<string, Name> = new Map(
  COLUMNS.map(({ key, member }, column) => [key, { member, column, plain: true }]),
);
/** A row's values by place of their columns; looking up 131 names in a message of a hundred would cost more. */
const values: (FlatValue | undefined)[] = new Array(COLUMNS.length).fill(undefined);

function nameOf(key: string): Name {
  const known = columnNames.get(key) ?? names.get(key);
  if (known !== undefined) return known;
  const plain = isForRest(key);
  const name: Name = { member: `,${JSON.stringify(key)}:`, column: -1, plain };
  if (names.size >= MOST_NAMES) names.clear();
  names.set(key, name);
  return name;
}

/** Whether a value of this name may be in the JSON column, if that gives it back as it is. */
export function isForRest(name: string): boolean {
  return !AS_RECEIVED.test(name) && PLAIN_NAME.test(name);
}

function json(value: FlatValue): string {
  return typeof value === 'object'
    ? stringifyJson(value)
    : typeof value === 'bigint'
      ? String(value)
      : JSON.stringify(value);
}

/**
 * Writes one event as a row of `tracking.events`. Every value of the message is in the row exactly once:
 * - in its typed column, when the column gives it back as it went in;
 * - else in the JSON column `rest`, when that type gives it back;
 * - else, and for what came in as received (request, query, log), in `verbatim`, JSON text.
 *
 * So nothing is converted, rounded or cut, and there is hardly a value that ClickHouse could refuse.
 */
export function encodeEvent(writer: RowBinaryWriter, message: FlatMessage, source: RecordSource): void {
  const collected = message['event-collector_tstamp'];
  const day = typeof collected === 'string' ? dayOf(instantOf(collected) ?? 0) : 0;
  writer.int32(day);
  if (source.key !== null) writer.bytes(source.key);
  else writer.text(visitorOf(message));

  let rest = '';
  let verbatim = '';
  values.fill(undefined);
  for (const key in message) {
    const name = nameOf(key);
    const value = message[key]!;
    if (name.column >= 0) values[name.column] = value;
    else if (name.plain && isExactInJson(value)) rest += name.member + json(value);
    else verbatim += name.member + json(value);
  }
  for (let i = 0; i < COLUMNS.length; i++) {
    const { kind, member } = COLUMNS[i]!;
    const value = values[i];
    if (value === undefined) absent(writer, kind);
    else if (!present(writer, kind, value)) {
      absent(writer, kind);
      if (isExactInJson(value)) rest += member + json(value);
      else verbatim += member + json(value);
    }
  }
  writer.text(`{${rest.slice(1)}}`);
  writer.text(verbatim === '' ? '' : `{${verbatim.slice(1)}}`);
  writer.uint32(source.partition);
  writer.int64(source.offset);
}

/** Writes a value; false, with nothing written, when the column would not give it back as it is. */
export function present(writer: RowBinaryWriter, kind: ColumnKind, value: FlatValue): boolean {
  switch (kind) {
    case 'text':
      if (typeof value !== 'string' || value === '' || !value.isWellFormed()) return false;
      writer.text(value);
      return true;
    case 'integer':
      if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) {
        writer.byte(0);
        writer.bigInt64(value);
        return true;
      }
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
      writer.byte(0);
      writer.int64(value);
      return true;
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      writer.byte(0);
      writer.float64(value);
      return true;
    case 'flag':
      if (typeof value !== 'boolean') return false;
      writer.byte(0);
      writer.byte(value ? 1 : 0);
      return true;
    case 'instant': {
      const ms = typeof value === 'string' ? instantOf(value) : undefined;
      if (ms === undefined) return false;
      writer.byte(0);
      writer.int64(ms);
      return true;
    }
  }
}

/** The empty string, or null. */
export function absent(writer: RowBinaryWriter, kind: ColumnKind): void {
  writer.byte(kind === 'text' ? 0 : 1);
}

/**
 * True when ClickHouse's JSON type gives the value back as it is. It refuses whole numbers beyond 64 bits and lone
 * surrogates, turns a list of booleans and numbers into numbers, and drops nulls.
 */
export function isExactInJson(value: FlatValue): boolean {
  if (!Array.isArray(value)) return isExactScalar(value);
  const type = typeof value[0];
  return value.every((entry) => typeof entry === type && isExactScalar(entry));
}

function isExactScalar(value: FlatScalar): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (Math.abs(value) < 2 ** 63 || !Number.isInteger(value));
    case 'bigint':
      return BigInt.asIntN(64, value) === value;
    default:
      return false;
  }
}
