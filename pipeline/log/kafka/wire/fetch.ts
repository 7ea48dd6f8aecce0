import type { LogRecord } from '../../port.ts';
import { makeFetchRequest, type ProtocolRequest, protocolErrorOf } from '../kafkajs.ts';
import type { AbortedTransaction } from './abort-filter.ts';
import { ByteReader } from './byte-reader.ts';
import { readRecordSet } from './record-set.ts';

const READ_COMMITTED = 1;

/** Where a partition is to be read. */
export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** More than that comes only as a single batch. */
  readonly maxBytes: number;
}

/** What came of one partition: the committed records, without markers and without what was aborted. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Why nothing came: the broker's error, or one in reading the records. */
  readonly error: unknown;
  readonly records: readonly LogRecord[];
  /** Where reading goes on: past everything that came, markers too. */
  readonly nextOffset: number;
  /** Where it ended when this came: what stands before it is there to be read. */
  readonly end: number;
}

export interface FetchLimits {
  /** How long the broker waits for something to come, ms. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** Reads what came of a partition: as a rule its records, and where reading goes on. */
export type ReadSet = typeof readRecordSet;

/** A request for committed records of several partitions that one broker leads. */
export function fetchRequest(
  positions: readonly FetchPosition[],
  { maxWaitMs, maxBytes }: FetchLimits,
  read: ReadSet = readRecordSet,
): ProtocolRequest<FetchedPartition[]> {
  const topics = Map.groupBy(positions, ({ topic }) => topic);
  return {
    request: makeFetchRequest({
      replicaId: -1,
      isolationLevel: READ_COMMITTED,
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes,
      topics: [...topics].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(({ partition, offset, maxBytes: most }) => ({
          partition,
          fetchOffset: offset,
          maxBytes: most,
        })),
      })),
    }),
    response: {
      decode: async (raw) => readAnswer(raw, positions, read),
      parse({ errorCode, partitions }: { errorCode: number; partitions: FetchedPartition[] }) {
        if (errorCode !== 0) throw protocolErrorOf(errorCode);
        return partitions;
      },
    },
    requestTimeout: maxWaitMs + 5_000,
  };
}

function readAnswer(raw: Buffer, positions: readonly FetchPosition[], read: ReadSet) {
  const reader = new ByteReader(raw);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  // Session id.
  reader.skip(4);
  const partitions: FetchedPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let count = reader.int32(); count > 0; count--) {
      partitions.push(readPartition(reader, topic, positions, read));
    }
  }
  return { clientSideThrottleTime, errorCode, partitions };
}

function readPartition(
  reader: ByteReader,
  topic: string,
  positions: readonly FetchPosition[],
  read: ReadSet,
): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  // High watermark.
  reader.skip(8);
  const end = reader.int64();
  // Log start offset.
  reader.skip(8);
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.int64Exact(), firstOffset: reader.int64() });
  }
  // Preferred replica: named only to clients that say in which rack they are.
  reader.skip(4);
  const set = reader.slice(Math.max(0, reader.int32()));
  const position = positions.find((one) => one.topic === topic && one.partition === partition);
  const offset = position?.offset ?? 0;
  const nothing = { topic, partition, records: [], nextOffset: offset, end };
  if (errorCode !== 0) return { ...nothing, error: protocolErrorOf(errorCode) };
  try {
    return { topic, partition, error: undefined, end, ...read(set, aborted, offset) };
  } catch (error) {
    return { ...nothing, error };
  }
}
