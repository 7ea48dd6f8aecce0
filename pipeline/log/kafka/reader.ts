import type { RecordBatch } from '../port.ts';
import { explain, isTransient } from './errors.ts';
import { endsFor, fetchFrom, readError } from './partition-fetch.ts';
import type { Session } from './session.ts';
import type { FetchedPartition, FetchPosition, ReadSet } from './wire/fetch.ts';

const FETCH_BYTES = 1 << 20;
/** Everything up to the end is there already; this is for a leader that has just moved. */
const MAX_WAIT_MS = 100;

/** Reads a partition from an offset to its end as it is now, or to `to`, outside of any group. */
export async function* readPartition(
  session: Session,
  { topic, partition, offset, to }: { topic: string; partition: number; offset: number; to?: number },
): AsyncGenerator<RecordBatch> {
  const ends = await endsFor(session, topic, partition, offset);
  const end = Math.min(to ?? ends.end, ends.end);
  // Held back until it is known what follows it: a fetch ends with the broker's file, and markers may stand in the next.
  let held: RecordBatch | undefined;
  for (let next = offset; next < end; ) {
    const { records, nextOffset } = await fetchPartition(session, {
      ...{ topic, partition, offset: next, maxBytes: FETCH_BYTES },
    });
    const last = records.at(-1)?.offset ?? -1;
    const wanted = last < end ? records : records.filter((record) => record.offset < end);
    next = Math.min(nextOffset, end);
    if (wanted.length > 0) {
      if (held !== undefined) yield held;
      held = { topic, partition, records: wanted, nextOffset: next };
    } else if (held !== undefined) held = { ...held, nextOffset: next };
  }
  if (held !== undefined) yield held;
}

/** Fetches of one partition, again while its leader moves. @throws ClickproofError OFFSET_OUT_OF_RANGE */
export function fetchPartition(
  session: Session,
  position: FetchPosition,
  read?: ReadSet,
): Promise<FetchedPartition> {
  const { topic, partition, maxBytes } = position;
  return session.ask(async () => {
    const leader = (await session.leaders(topic))[partition]!;
    const limits = { maxWaitMs: MAX_WAIT_MS, maxBytes };
    const [fetched] = await fetchFrom(session, leader, [position], limits, read);
    if (fetched?.error === undefined) return fetched!;
    if (isTransient(fetched.error)) throw fetched.error;
    throw explain(readError(fetched.error, topic, partition), session.settings.brokers);
  });
}
