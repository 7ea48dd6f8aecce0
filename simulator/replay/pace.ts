import { z } from 'zod';
import type { RecordedRequest } from './recorded-requests.ts';

/** `realtime`, `max` or a factor such as `10x`. Gives the factor; `max` is Infinity. */
export const speed = z.union([z.number().positive(), z.string()]).transform((given, context) => {
  if (typeof given === 'number') return given;
  const text = given.trim();
  if (text === 'realtime') return 1;
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)x$/.exec(text);
  if (match && Number(match[1]) > 0) return Number(match[1]);
  context.addIssue({ code: 'custom', message: `realtime, max or a factor like 10x, not "${text}"` });
  return z.NEVER;
});

/** A recorded request and when it is to be sent. */
export interface PacedRequest {
  readonly request: RecordedRequest;
  /** Ms since the replay began; never falls. */
  readonly due: number;
}

/**
 * Gives recorded requests their times: as far apart as the tracker sent them, divided by `factor`. The order of the file is kept:
 * a request that says nothing, or an earlier time than the one before (another clock, a retry), is due together with that one.
 */
export async function* pace(
  requests: AsyncIterable<RecordedRequest> | Iterable<RecordedRequest>,
  factor: number,
): AsyncGenerator<PacedRequest> {
  let first: number | null = null;
  let due = 0;
  for await (const request of requests) {
    if (request.sentAt !== null) {
      first ??= request.sentAt;
      due = Math.max(due, (request.sentAt - first) / factor);
    }
    yield { request, due };
  }
}
