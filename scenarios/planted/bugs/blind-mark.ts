import type { ProfileStore } from '../../../pipeline/profile/store.ts';
import type { Bug } from './bug.ts';

/** Reads and writes profiles whatever the mark is: who comes last is right. */
export const blindMark: Bug = {
  store: (store) => ({
    ...delegated(store),
    async read(partition, _mark, visitors) {
      for (;;) {
        const found = await store.read(partition, (await store.claim(partition)).mark, visitors);
        if (found !== 'moved') return found;
      }
    },
    async apply(partition, change) {
      for (;;) {
        const { mark } = await store.claim(partition);
        // The window has what is behind the mark already.
        const late = mark !== change.from;
        const write = { ...change, from: mark, segment: late ? null : change.segment };
        let outcome = await store.apply(partition, write);
        // Where it has been further it stays, so that nobody folds these again.
        if (outcome === 'applied' && late && mark !== null && mark > change.to) {
          outcome = await store.apply(partition, { ...write, from: change.to, to: mark, values: [] });
        }
        if (outcome !== 'refused') return outcome;
      }
    },
  }),
};

export function delegated(store: ProfileStore): ProfileStore {
  return {
    kind: store.kind,
    claim: (partition) => store.claim(partition),
    read: (...call) => store.read(...call),
    apply: (...call) => store.apply(...call),
    clear: (partition) => store.clear(partition),
    close: () => store.close(),
  };
}
