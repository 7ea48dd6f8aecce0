import type { EventLog, OffsetRange, PartitionEnds } from './port.ts';

/**
 * How many records a group has not come to yet, over all partitions of a topic: 0 exactly when there is none. Else it is a difference of
 * offsets, which is a little too much on Kafka, where markers and aborted records take offsets too.
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
      return lagBetween(log, { topic, partition, from, to: end });
    }),
  );
  return lags.reduce((sum, lag) => sum + lag, 0);
}

/** How far it is from an offset to another: 0 exactly when no committed record is between them. */
export async function lagBetween(log: EventLog, range: OffsetRange): Promise<number> {
  if (log.lagBetween !== undefined) return log.lagBetween(range);
  const { topic, partition, from, to } = range;
  if (from >= to) return 0;
  for await (const _ of log.read({ topic, partition, offset: from, to })) return to - from;
  return 0;
}
