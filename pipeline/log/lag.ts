import { hasCode } from '../contracts/errors.ts';
import type { EventLog, PartitionEnds } from './port.ts';

/** A difference up to this may be all markers and aborted transactions, and is looked at. */
const LOOKED_AT = 20_000;
/** Up to this, records are counted. */
const COUNTED = 100;

/**
 * How many records a group has not come to yet, over all partitions of a topic: 0 exactly when there is none.
 *
 * The difference of offsets alone would not do. On Kafka markers and aborted records take offsets too, and where the log ends with some, no
 * record comes that would carry the group's offset past them. A small difference is therefore read: a few markers cost a request, and
 * as soon as a record is found the difference stands. Beyond a hundred it is one of offsets, which is a little too much on Kafka.
 *
 * @param upTo the ends to be reached; by default those of now
 */
export async function groupLag(
  log: EventLog,
  group: string,
  topic: string,
  upTo?: readonly PartitionEnds[],
): Promise<number> {
  const [committed, ends] = await Promise.all([log.committed(group, topic), upTo ?? log.ends(topic)]);
  const lags = await Promise.all(
    ends.map(({ partition, start, end }) => {
      const from = Math.max(committed[partition] ?? start, start);
      // The embedded log has neither markers nor aborted records.
      if (log.kind === 'embedded') return Math.max(0, end - from);
      return recordsBetween(log, topic, partition, from, end);
    }),
  );
  return lags.reduce((sum, lag) => sum + lag, 0);
}

async function recordsBetween(
  log: EventLog,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<number> {
  const difference = Math.max(0, to - from);
  if (difference === 0 || difference > LOOKED_AT) return difference;
  let records = 0;
  try {
    for await (const batch of log.read({ topic, partition, offset: from, to })) {
      if (difference > COUNTED) return difference;
      records += batch.records.length;
    }
  } catch (error) {
    // Retention has just removed them.
    if (hasCode(error, 'OFFSET_OUT_OF_RANGE')) return difference;
    throw error;
  }
  return records;
}
