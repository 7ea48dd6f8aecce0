import type { FlatMessage } from './messages.ts';

const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

/** The parts of an event that decide whose it is. */
export interface VisitorFields {
  domain_userid?: string | undefined;
  network_userid?: string | undefined;
  event_id: string;
}

/**
 * The record key from `tracking_processed` on: `domain_userid`, else `network_userid` unless it is all zeros,
 * else the event id. `known` is false in the last case: such an event has no profile.
 */
export function visitorKey(event: VisitorFields): { key: string; known: boolean } {
  if (event.domain_userid) return { key: event.domain_userid, known: true };
  if (event.network_userid && event.network_userid !== ZERO_UUID) {
    return { key: event.network_userid, known: true };
  }
  return { key: event.event_id, known: false };
}

/** The visitor key of a flattened message. */
export function visitorOf(message: FlatMessage): string {
  const text = (name: string) => {
    const value = message[`event-${name}`];
    return typeof value === 'string' ? value : undefined;
  };
  return visitorKey({
    domain_userid: text('domain_userid'),
    network_userid: text('network_userid'),
    event_id: text('event_id') ?? '',
  }).key;
}
