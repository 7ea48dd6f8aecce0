import { deriveId, secondEventId } from '../../contracts/ids.ts';
import { parseJson, stringifyJson } from '../../contracts/json.ts';
import type { FlatMessage } from '../../contracts/messages.ts';
import { visitorOf } from '../../contracts/visitor.ts';
import type { SourceRecord } from '../../stages/stage-function.ts';
import { instantOf } from '../clickhouse/instants.ts';

/** An event as a document. */
export interface EventDocument {
  /** `tracking_persisted-2023.11`: follows from the event alone, so that a replay comes to the same. */
  readonly index: string;
  /** The event's id. */
  readonly id: string;
  /** See {@link secondEventId}. */
  readonly secondId: string;
  /** `{"@timestamp","tracking"}`, one line of JSON. */
  readonly source: Buffer;
}

/** What the document's text is. */
export interface DocumentSource {
  readonly '@timestamp': string;
  readonly tracking: FlatMessage;
}

/** Elasticsearch takes no longer `_id`, and refuses the whole request that holds one. */
const LONGEST_ID_BYTES = 512;
/** For events whose time is none. */
const EPOCH = '1970-01-01T00:00:00Z';
const NEWLINE = 10;

/**
 * Makes the document of a record of `tracking_persisted`. The record's text becomes part of the document's as it is.
 *
 * @throws Error when the record is no message of its topic
 */
export function documentOf(record: SourceRecord, alias: string): EventDocument {
  const { value } = record;
  if (value === null) throw new Error('the record has no value');
  const text = value.toString();
  const message = JSON.parse(text) as unknown;
  if (!isFlatMessage(message)) throw new Error('not an object of flattened names and values');
  const eventId = message['event-event_id'];
  if (typeof eventId !== 'string' || eventId === '') throw new Error('event-event_id is missing');

  const collected = message['event-collector_tstamp'];
  const timestamp = typeof collected === 'string' && instantOf(collected) !== undefined ? collected : EPOCH;
  const oneLine = value.includes(NEWLINE) ? stringifyJson(parseJson(text)) : value;
  return {
    index: `${alias}-${timestamp.slice(0, 4)}.${timestamp.slice(5, 7)}`,
    id: plainId(eventId),
    secondId: secondIdOf(message),
    source: Buffer.concat([
      Buffer.from(`{"@timestamp":"${timestamp}","tracking":`),
      typeof oneLine === 'string' ? Buffer.from(oneLine) : oneLine,
      CLOSE,
    ]),
  };
}

const CLOSE = Buffer.from('}');

/** The second name of a stored event: two documents with the same one are the same event. */
export function secondIdOf(message: FlatMessage): string {
  const fingerprint = message['event-event_fingerprint'];
  return secondEventId(
    String(message['event-event_id'] ?? ''),
    visitorOf(message),
    typeof fingerprint === 'string' ? fingerprint : '',
  );
}

function plainId(eventId: string): string {
  const fits = eventId.isWellFormed() && Buffer.byteLength(eventId) <= LONGEST_ID_BYTES;
  return fits ? eventId : deriveId('event', eventId);
}

function isFlatMessage(message: unknown): message is FlatMessage {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  for (const name in message) {
    const value = (message as Record<string, unknown>)[name];
    if (typeof value !== 'object') continue;
    if (!Array.isArray(value)) return false;
    for (const entry of value) if (typeof entry === 'object' && entry !== null) return false;
  }
  return true;
}
