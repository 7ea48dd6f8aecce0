import { type Bug, withCommit } from './bug.ts';

/** Commits the offset first, and outside of the transaction that holds the records. */
export const earlyOffset: Bug = {
  log: (log) =>
    withCommit(log, async ({ records, offsets }, producer) => {
      if (offsets) await producer.commit({ records: [], offsets });
      await producer.commit({ records });
    }),
};
