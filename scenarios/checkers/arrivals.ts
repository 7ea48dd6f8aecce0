import type { ExpectedEvent } from '../../simulator/ledger/records.ts';
import { isOwed, type Sent } from './ledger-join.ts';

/** A request that stands in `tracking_raw`, with what is to become of it from there on. */
export interface Arrived {
  readonly digest: string;
  readonly events: readonly Omit<ExpectedEvent, 'sequence'>[];
  /** The network user id that the collector gave. */
  readonly networkUserId: string | undefined;
}

/** How often a request was sent, and how often it stands in `tracking_raw` as it was sent. */
export interface Copies {
  readonly acknowledged: number;
  readonly unknown: number;
  readonly arrived: number;
}

/**
 * What the stages behind `tracking_raw` have to work on: what was sent, without that which was lost before (and of what was not
 * answered only that which came through), as often as it came. So a fault on the way to `tracking_raw` is counted there and
 * nowhere else.
 *
 * @param uneven by digest, the requests that did not arrive exactly as often as they were acknowledged
 */
export async function* arrivals(
  sent: AsyncIterable<Sent>,
  uneven: ReadonlyMap<string, Copies>,
): AsyncGenerator<Arrived> {
  const rest = new Map<string, { acknowledged: number; unknown: number; extra: number }>();
  for (const [digest, { acknowledged, unknown, arrived }] of uneven) {
    rest.set(digest, {
      acknowledged: Math.min(acknowledged, arrived),
      unknown: Math.max(0, Math.min(unknown, arrived - acknowledged)),
      extra: Math.max(0, arrived - acknowledged - unknown),
    });
  }
  for await (const one of sent) {
    if (!isOwed(one)) continue;
    const { digest, events } = one.intent;
    const request: Arrived = { digest, events, networkUserId: one.networkUserId };
    const left = rest.get(digest);
    if (left === undefined) {
      yield request;
      continue;
    }
    const kind = one.outcome === 'acknowledged' ? 'acknowledged' : 'unknown';
    if (left[kind] === 0) continue;
    left[kind] -= 1;
    yield request;
    for (; left.extra > 0; left.extra -= 1) yield request;
  }
}
