import { setTimeout as sleep } from 'node:timers/promises';
import type { HopResult } from '../../reports/result.ts';

/** How long to wait, ms, for a pipeline that does not tell how far it is. */
export interface Patience {
  /** When everything is there: what comes twice comes soon after. */
  readonly settle: number;
  /** When something is missing, and nothing more of it comes. */
  readonly patience: number;
}

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A look reads everything: most of the time the servers are left alone. */
const PAUSES_PER_LOOK = 4;

/** Looks at the hops again and again until the run's own events stand still there, and gives the last look. */
export async function untilStill<Look extends { readonly hops: readonly HopResult[] }>(
  look: () => Promise<Look>,
  { settle, patience }: Patience,
): Promise<Look> {
  let before = '';
  let since = performance.now();
  for (;;) {
    const began = performance.now();
    const seen = await look();
    // Other people's events come and go, and so do the figures in what a server says of its troubles.
    const now = JSON.stringify(seen.hops.map(({ foreign: _, records: __, unreadable: ___, ...own }) => own));
    // One look alone stands still for no time at all.
    if (now !== before) since = performance.now();
    before = now;
    const complete = seen.hops.every(({ lost }) => lost === 0);
    if (performance.now() - since >= (complete ? settle : patience)) return seen;
    const took = performance.now() - began;
    await sleep(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, PAUSES_PER_LOOK * took)));
  }
}
