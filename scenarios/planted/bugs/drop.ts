import type { OutRecord } from '../../../pipeline/log/port.ts';
import { type Bug, withCommit } from './bug.ts';

/** Loses one record in so many of a topic. */
export function dropOneIn(n: number, topic: string): Bug {
  let seen = 0;
  const kept = (record: OutRecord) => record.topic !== topic || ++seen % n !== 0;
  return {
    log: (log) =>
      withCommit(log, ({ records, ...rest }, producer) =>
        producer.commit({ ...rest, records: records.filter(kept) }),
      ),
  };
}
