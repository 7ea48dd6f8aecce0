import type { FailedMessage, ProcessedMessage } from '../contracts/messages.ts';
import { visitorKey } from '../contracts/visitor.ts';
import { createEnrichment, type Enrich } from './enrich.ts';
import { malformed, toFailed } from './failed.ts';
import { type LineOrigin, type RecordPosition, toProcessed } from './processed.ts';
import { parseRaw } from './raw-record.ts';
import type { EnrichmentSettings } from './settings.ts';
import { decodeUtf8 } from './utf8.ts';

/** A record of `tracking_raw` as it is read. */
export interface StageRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix time, ms. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** An event on its way to `tracking_processed`. */
export interface KeyedMessage {
  /** The record key: the visitor. */
  readonly key: string;
  /** False where the key is the event's own id: such an event has no profile. */
  readonly known: boolean;
  readonly message: ProcessedMessage;
}

/**
 * What becomes of one record. A `tracker` line has at least one message of either kind, a `malformed` one a single failure,
 * `refused` and `ignored` ones none: so lines = processed + failed + refused + ignored can be counted.
 */
export interface StageResult {
  readonly class: 'tracker' | 'refused' | 'ignored' | 'malformed';
  /** Why a line was refused or ignored. */
  readonly why?: string;
  readonly processed: readonly KeyedMessage[];
  readonly failed: readonly FailedMessage[];
}

/** Makes the parser stage's pure function. Whatever the record holds, it returns. */
export function parserStage(
  settings?: EnrichmentSettings,
  enrich: Enrich = createEnrichment(settings),
): (record: StageRecord) => StageResult {
  return (record) => {
    const position: RecordPosition = {
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      timestamp: record.timestamp,
      key: record.key && decodeUtf8(record.key),
    };
    const text = record.value ? decodeUtf8(record.value) : '';
    const raw = parseRaw(text);
    if ('error' in raw) {
      return { class: 'malformed', processed: [], failed: [malformed(raw.error, text, position)] };
    }
    const { line, log } = raw;
    const result = enrich(line, { receivedAt: record.timestamp, offset: log.offset });
    if (result.class !== 'tracker')
      return { class: result.class, why: result.why, processed: [], failed: [] };
    const outcomes = { events: result.events.length, failures: result.failures.length };
    const origin: LineOrigin = { record: position, log, line, outcomes };
    return {
      class: 'tracker',
      processed: result.events.map((event) => ({
        ...visitorKey(event.event as { event_id: string; domain_userid?: string; network_userid?: string }),
        message: toProcessed(event, origin),
      })),
      failed: result.failures.map((failure) => toFailed(failure, result.requestId, origin)),
    };
  };
}
