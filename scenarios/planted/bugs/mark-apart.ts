import { delegated } from './blind-mark.ts';
import type { Bug } from './bug.ts';

/** Moves the mark in a step of its own, before the values. The port has no such step: moving it all but one offset without any comes to that. */
export const markApart: Bug = {
  store: (store) => ({
    ...delegated(store),
    async apply(partition, change) {
      const from = change.to - 1;
      if (change.from !== null && from > change.from) {
        const moved = await store.apply(partition, { ...change, to: from, values: [], segment: null });
        if (moved !== 'applied') return moved;
        return store.apply(partition, { ...change, from });
      }
      return store.apply(partition, change);
    },
  }),
};
