import type { OutRecord } from '../../../pipeline/log/port.ts';
import { type Bug, withCommit } from './bug.ts';

/** Writes one record in so many of a topic twice. */
export function doubleOneIn(n: number, topic: string): Bug {
  let seen = 0;
  const written = (record: OutRecord) =>
    record.topic === topic && ++seen % n === 0 ? [record, record] : [record];
  return {
    log: (log) =>
      withCommit(log, ({ records, ...rest }, producer) =>
        producer.commit({ ...rest, records: records.flatMap(written) }),
      ),
  };
}
