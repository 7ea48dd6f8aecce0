import { DEFAULT_TOPICS } from '../../../pipeline/contracts/topics.ts';
import { type Bug, withCommit } from './bug.ts';

/** A shipper that commits its position in a transaction of its own, after the lines. */
export const positionApart: Bug = {
  log: (log) =>
    withCommit(log, async ({ records }, producer) => {
      const isPosition = ({ topic }: (typeof records)[number]) => topic === DEFAULT_TOPICS.shipperState;
      const lines = records.filter((record) => !isPosition(record));
      if (lines.length > 0) await producer.commit({ records: lines });
      await producer.commit({ records: records.filter(isPosition) });
    }),
};
