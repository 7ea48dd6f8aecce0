import { createHash } from 'node:crypto';
import { stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FailedMessage } from '../../pipeline/contracts/messages.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { eventKey } from './event-view.ts';

/** The payload of a failure that the parser wrote. */
interface ParserPayload {
  readonly request_id: string;
  readonly index: number | null;
  readonly parameters: Readonly<Record<string, string>> | null;
  readonly line: Readonly<Record<string, string>>;
}

/**
 * Finds out which event a failure is about. `byRequestId` knows the requests whose body is not repeated in each failure.
 * What is no failure of a request has a key of its own and matches nothing that was sent.
 */
export function failureKey(
  message: FailedMessage,
  mark: string,
  byRequestId: ReadonlyMap<string, string>,
): { key: string; marked: boolean } {
  const text = stringifyJson(message.payload);
  const marked = text.includes(mark);
  const payload = message.payload as unknown as Partial<ParserPayload> | null;
  if (message.failure.stage !== 'parser' || typeof payload !== 'object' || !payload?.line) {
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    return { key: `${message.failure.stage} ${message.failure.type} ${hash}`, marked };
  }
  const { line, request_id: requestId = '', index = null } = payload;
  const digest =
    byRequestId.get(requestId) ?? requestDigest(line.query_string ?? '', line.request_body ?? '');
  return { key: eventKey(digest, index), marked };
}
