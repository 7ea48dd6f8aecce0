import { collidingEventId } from '../../pipeline/contracts/ids.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { murmur2Partition } from '../../pipeline/contracts/partitioning.ts';
import { visitorKey } from '../../pipeline/contracts/visitor.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { type Content, ContentHash } from '../checkers/content.ts';
import type { Origin } from '../checkers/order.ts';

/** An event as a hop shows it. */
export interface EventView {
  /** Finds it again at every hop: the id its tracker gave it, else its request and place in it. */
  readonly key: string;
  /** The id that it had when it was parsed. */
  readonly id: string;
  /** Tells events of one id apart. */
  readonly fingerprint: string;
  readonly content: Content;
  readonly marked: boolean;
  /** The record key it must have. */
  readonly visitor: string;
  /** False where the visitor is nobody but the event itself: it has no profile. */
  readonly hasProfile: boolean;
  readonly origin: Origin;
}

const ID = 'event-event_id';
/** Where the id is noted that an event had before it had to be given a new one. */
const ORIGINAL_ID = 'event-original_event_id';

/** Leaves out the fields that a stage may add, or give a new value by rule: `identityOf` stands for the ids. */
const eventHash = new ContentHash(
  (name) => !name.startsWith('profile-') && name !== ID && name !== ORIGINAL_ID,
);

/** Hashes what no hop may change. Of what the ledger states it is given the id, where that is known. */
export function eventContent(flat: FlatMessage, identity: string | null = identityOf(flat)): Content {
  return eventHash.of(flat, identity === null ? {} : { [ID]: identity });
}

/** The id that the event had first. An id that was given by no rule is as good as none. */
function identityOf(flat: FlatMessage): string {
  const id = textOf(flat, ID) ?? '';
  const original = textOf(flat, ORIGINAL_ID);
  if (original === undefined) return id;
  const ruled = collidingEventId(original, textOf(flat, 'event-event_fingerprint') ?? '');
  return id === ruled ? original : `${original}, renamed ${id}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads an event out of its flattened fields. `byRequestId` knows the digests of batches, whose body is not repeated in each event.
 */
export function viewEvent(
  flat: FlatMessage,
  mark: string,
  byRequestId: ReadonlyMap<string, string>,
): EventView {
  const id = textOf(flat, ORIGINAL_ID) ?? textOf(flat, ID) ?? '';
  const index = Number(flat['kafka_raw-index'] ?? 0);
  const given = givenId(flat);
  const { key: visitor, known } = visitorKey({
    domain_userid: textOf(flat, 'event-domain_userid'),
    network_userid: textOf(flat, 'event-network_userid'),
    event_id: id,
  });
  return {
    key:
      given === undefined
        ? eventKey(byRequestId.get(textOf(flat, 'request-request_id') ?? '') ?? digestOf(flat), index)
        : UUID.test(given)
          ? given.toLowerCase()
          : id,
    id,
    fingerprint: textOf(flat, 'event-event_fingerprint') ?? '',
    content: eventContent(flat),
    marked: mark === '' || flat['event-name_tracker'] === mark,
    visitor,
    hasProfile: known,
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
  view: Pick<EventView, 'visitor'>,
  key: Buffer | null,
  partition: number,
  partitions: number,
): boolean {
  return key?.toString() === view.visitor && murmur2Partition(key, partitions) === partition;
}

/** The id that the tracker gave it; of a parameter that is there twice the last counts. */
function givenId(flat: FlatMessage): string | undefined {
  const given = flat['query-eid'];
  return Array.isArray(given) ? String(given.at(-1)) : given === undefined ? undefined : String(given);
}

function textOf(flat: FlatMessage, name: string): string | undefined {
  return flat[name] === undefined ? undefined : String(flat[name]);
}

function digestOf(flat: FlatMessage): string {
  return requestDigest(
    textOf(flat, 'request-query_string') ?? '',
    textOf(flat, 'request-request_body') ?? '',
  );
}
