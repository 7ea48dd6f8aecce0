import type { PlannedRequest } from '../plan/request.ts';
import { pace } from './pace.ts';
import type { RecordedRequest } from './recorded-requests.ts';

const VISITOR = /[?&]duid=([^&;]*)/;
const VISITOR_IN_BODY = /"duid"\s*:\s*"([^"]*)"/;

/**
 * Recorded requests as planned ones. Those of one visitor (`duid`) are sent one after the other and share the collector's
 * cookies; those that name none go out on their own.
 *
 * @param factor how many times as fast as recorded; due times do not count where the transport sends at full speed
 */
export async function* planReplay(
  requests: AsyncIterable<RecordedRequest>,
  factor: number,
): AsyncGenerator<PlannedRequest> {
  let number = 0;
  for await (const { request, due } of pace(requests, factor)) {
    const { method, target, headers, body } = request;
    const visitor = VISITOR.exec(target)?.[1] ?? VISITOR_IN_BODY.exec(body ?? '')?.[1] ?? null;
    yield {
      request: number++,
      due,
      kind: 'replay',
      browser: visitor,
      method,
      target,
      headers,
      body,
      expect: 'processed',
      events: countEvents(body),
    };
  }
}

/** How many events a body holds, for the progress display; the oracle counts for the ledger. */
function countEvents(body: string | null): number {
  if (body === null) return 1;
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    return Array.isArray(data) ? data.length : 1;
  } catch {
    return 1;
  }
}
