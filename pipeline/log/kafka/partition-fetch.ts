import { ClickproofError } from '../../contracts/errors.ts';
import type { PartitionEnds } from '../port.ts';
import { PROTOCOL, protocolCode, topicMissing } from './errors.ts';
import type { Session } from './session.ts';
import {
  type FetchedPartition,
  type FetchLimits,
  type FetchPosition,
  fetchRequest,
  type ReadSet,
} from './wire/fetch.ts';

const READ_COMMITTED = 1;
const EARLIEST = -2;
const LATEST = -1;

interface ListOffsetsAnswer {
  readonly responses: readonly {
    readonly partitions: readonly { readonly partition: number; readonly offset: string | number }[];
  }[];
}

/** Fetches from the leader of the positions, which must have one in common. */
export async function fetchFrom(
  session: Session,
  leader: number,
  positions: readonly FetchPosition[],
  limits: FetchLimits,
  read?: ReadSet,
): Promise<FetchedPartition[]> {
  const broker = await session.node(leader);
  return session.sendRaw(broker, fetchRequest(positions, limits, read));
}

/** Start and end of a topic's partitions; the end is the last stable offset: before it everything is committed or aborted. */
export async function topicEnds(session: Session, topic: string): Promise<PartitionEnds[]> {
  return session.ask(async () => {
    const leaders = await session.leaders(topic);
    const byLeader = Map.groupBy(leaders.keys(), (partition) => leaders[partition]!);
    const ends: PartitionEnds[] = [];
    await Promise.all(
      [...byLeader].map(async ([leader, partitions]) => {
        const [start, end] = await Promise.all(
          [EARLIEST, LATEST].map((timestamp) => listOffsets(session, leader, topic, partitions, timestamp)),
        );
        for (const partition of partitions) {
          ends.push({ partition, start: start!.get(partition)!, end: end!.get(partition)! });
        }
      }),
    );
    return ends.sort((a, b) => a.partition - b.partition);
  });
}

async function listOffsets(
  session: Session,
  leader: number,
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): Promise<Map<number, number>> {
  const answer = await session.send<ListOffsetsAnswer>(await session.node(leader), 'ListOffsets', {
    replicaId: -1,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: partitions.map((partition) => ({ partition, timestamp })) }],
  });
  return new Map(
    answer.responses.flatMap(({ partitions: found }) =>
      found.map(({ partition, offset }) => [partition, Number(offset)] as const),
    ),
  );
}

/** Where a partition can be read, compared with where somebody wants to. @throws ClickproofError OFFSET_OUT_OF_RANGE */
export async function endsFor(
  session: Session,
  topic: string,
  partition: number,
  offset: number,
): Promise<PartitionEnds> {
  const ends = (await topicEnds(session, topic))[partition];
  if (ends === undefined) {
    throw new ClickproofError('PARTITION_MISSING', `topic ${topic} has no partition ${partition}`);
  }
  if (!(offset >= ends.start && offset <= ends.end)) {
    throw outOfRange(topic, partition, `the log goes from ${ends.start} to ${ends.end}, not to ${offset}`);
  }
  return ends;
}

/** A broker's refusal to read as the port says it. */
export function readError(error: unknown, topic: string, partition: number): unknown {
  switch (protocolCode(error)) {
    case PROTOCOL.offsetOutOfRange:
      return outOfRange(topic, partition, 'what was to be read next is gone');
    case PROTOCOL.unknownTopicOrPartition:
      return topicMissing(topic);
    default:
      return error;
  }
}

function outOfRange(topic: string, partition: number, what: string): ClickproofError {
  return new ClickproofError('OFFSET_OUT_OF_RANGE', `${topic}/${partition}: ${what}`);
}
