import type { Stack } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { eventsInStores } from './events-in-stores.ts';

/**
 * Makes sure that no store holds events of this mark yet: they would count as repeats.
 *
 * @throws ClickproofError MARK_IN_USE, HOP_UNREADABLE
 */
export async function requireFreshMark(
  stores: Pick<Stack, 'clickhouse' | 'elasticsearch'>,
  mark: string,
): Promise<void> {
  for (const [store, events] of await eventsInStores(stores, mark)) {
    if (events === 0) continue;
    throw new ClickproofError('MARK_IN_USE', `${store} holds events of ${mark} already`, {
      remedy: 'leave --mark out, so that the run gets a new one, or delete those events first',
    });
  }
}
