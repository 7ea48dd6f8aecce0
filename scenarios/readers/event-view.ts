import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { murmur2Partition } from '../../pipeline/contracts/partitioning.ts';
import { visitorKey } from '../../pipeline/contracts/visitor.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { type Content, contentOf } from '../checkers/content.ts';
import type { Origin } from '../checkers/order.ts';

/** An event as a hop shows it. */
export interface EventView {
  /** Finds it again at every hop: the id its tracker gave it, else its request and place in it. */
  readonly key: string;
  readonly content: Content;
  readonly marked: boolean;
  /** The record key it must have. */
  readonly visitor: string;
  readonly origin: Origin;
}

/** Fields that a stage may add, or give a new value by rule: they are no part of the content that must not change. */
export const isContent = (name: string): boolean =>
  !name.startsWith('profile-') && name !== 'event-event_id' && name !== ORIGINAL_ID;

/** Where the id is noted that an event had before it had to be given a new one. */
const ORIGINAL_ID = 'event-original_event_id';

/**
 * Reads an event out of its flattened fields. `byRequestId` knows the digests of batches, whose body is not repeated in each event.
 */
export function viewEvent(
  flat: FlatMessage,
  mark: string,
  byRequestId: ReadonlyMap<string, string>,
): EventView {
  const text = (name: string) => (flat[name] === undefined ? undefined : String(flat[name]));
  const id = text(ORIGINAL_ID) ?? text('event-event_id') ?? '';
  const index = Number(flat['kafka_raw-index'] ?? 0);
  return {
    key:
      text('query-eid') === undefined
        ? eventKey(byRequestId.get(text('request-request_id') ?? '') ?? digestOf(flat), index)
        : id,
    content: contentOf(flat, isContent),
    marked: mark === '' || flat['event-name_tracker'] === mark,
    visitor: visitorKey({
      domain_userid: text('event-domain_userid'),
      network_userid: text('event-network_userid'),
      event_id: id,
    }).key,
    origin: {
      rawPartition: Number(flat['kafka_raw-partition']),
      rawOffset: Number(flat['kafka_raw-offset']),
      index,
    },
  };
}

/** The key of an event without an id of its own. */
export function eventKey(digest: string, index: number | null): string {
  return `${digest}:${index ?? '*'}`;
}

/** True where the record stands in the partition of its visitor. */
export function isRouted(
  view: EventView,
  key: Buffer | null,
  partition: number,
  partitions: number,
): boolean {
  return key?.toString() === view.visitor && murmur2Partition(key, partitions) === partition;
}

function digestOf(flat: FlatMessage): string {
  return requestDigest(
    String(flat['request-query_string'] ?? ''),
    String(flat['request-request_body'] ?? ''),
  );
}
