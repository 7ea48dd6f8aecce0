import { parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FailedMessage } from '../../pipeline/contracts/messages.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { eventKey } from './event-view.ts';
import { recordPlace } from './topic-reader.ts';

/** A record of `tracking_failed` as the checker reads it. */
export interface FailureView {
  /** The event or the record that it is about. */
  readonly key: string;
  /** Which stage gave up; empty where the record cannot be read. */
  readonly stage: string;
  /** The event's place in its request; null: the request as a whole, undefined: it is about a record. */
  readonly index: number | null | undefined;
  readonly marked: boolean;
}

/** The payload of a failure that the parser wrote. */
interface ParserPayload {
  readonly request_id?: string;
  readonly index?: number | null;
  readonly line?: Readonly<Record<string, string>>;
}

/**
 * Finds out what a failure is about: an event, where the parser could read the line (`byRequestId` knows the requests whose body is
 * not repeated in each failure), else the record that it names as its source. Undefined where the record is no failure.
 */
export function viewFailure(
  text: string,
  mark: string,
  byRequestId: ReadonlyMap<string, string>,
): FailureView | undefined {
  let message: FailedMessage;
  try {
    message = parseJson(text) as unknown as FailedMessage;
    if (typeof message.failure.stage !== 'string' || typeof message.source.topic !== 'string')
      return undefined;
  } catch {
    return undefined;
  }
  const { stage } = message.failure;
  const payload = message.payload as unknown as Partial<ParserPayload> | null;
  if (stage === 'parser' && typeof payload?.line === 'object') {
    const { line, request_id: requestId = '', index = null } = payload;
    const digest =
      byRequestId.get(requestId) ?? requestDigest(line.query_string ?? '', line.request_body ?? '');
    return {
      key: eventKey(digest, index),
      stage,
      index,
      marked: stringifyJson(message.payload).includes(mark),
    };
  }
  const { topic, partition, offset } = message.source;
  // The shipper's failures are bytes of the log that are no line. They were never acknowledged: nobody made them up, either.
  const marked = stage !== 'shipper' && stringifyJson(message.payload).includes(mark);
  return { key: recordPlace(topic, { partition, offset }), stage, index: undefined, marked };
}
