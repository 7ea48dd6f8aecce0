import { parseJson } from '../contracts/json.ts';
import type { FlatMessage } from '../contracts/messages.ts';
import { visitorKey } from '../contracts/visitor.ts';
import type { FoldInput } from '../profile/partition-fold.ts';
import type { SourceRecord } from './stage-function.ts';

/** A record of `tracking_flattened`, read; or why it is none. */
export type Decoded = { readonly input: FoldInput } | { readonly problem: string };

export function decodeFlattened(record: SourceRecord): Decoded {
  if (record.value === null) return { problem: 'the record has no value' };
  let message: unknown;
  try {
    message = parseJson(record.value.toString());
  } catch (error) {
    return { problem: `no JSON: ${(error as Error).message}` };
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return { problem: 'not an object of values' };
  }
  const fields = message as FlatMessage;
  const eventId = fields['event-event_id'];
  if (typeof eventId !== 'string' || eventId === '') return { problem: 'event-event_id is missing' };
  const { known } = visitorKey({
    domain_userid: text(fields['event-domain_userid']),
    network_userid: text(fields['event-network_userid']),
    event_id: eventId,
  });
  const visitor = known && record.key ? record.key.toString('latin1') : null;
  return { input: { offset: record.offset, timestamp: record.timestamp, visitor, fields } };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
