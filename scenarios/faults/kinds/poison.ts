import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ControlledStack } from '../../../containers/controlled-stack.ts';
import { DEFAULT_TOPICS } from '../../../pipeline/contracts/topics.ts';
import { type EventLog, openEmbeddedLog } from '../../../pipeline/log/index.ts';
import { openKafkaLog } from '../../../pipeline/log/kafka/index.ts';
import { sourceOf } from '../../readers/left-out.ts';
import { openReaders, topicEnds } from '../../readers/open-readers.ts';
import { recordPlace, type StartOffsets } from '../../readers/topic-reader.ts';
import { nameOn } from '../names.ts';
import { POISONS } from '../poison/poisons.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const { raw, processed, flattened, persisted, failed } = DEFAULT_TOPICS;

const fields = z.strictObject({
  poison: z
    .enum([raw, processed, flattened, persisted, failed])
    .describe('The topic to which somebody writes what nobody can read, to each of its partitions'),
});

const READABLE_WITHIN_MS = 30_000;
/** For so long readers may come no nearer. */
const STANDS_STILL_MS = 60_000;

/** Records that are no messages. Each must be set aside, and what lies behind it go on. */
export const poison: FaultKind<typeof fields> = {
  fields,
  touches: () => ['topics'],
  async inject({ poison: usual }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'poison messages', where: usual });
    const topic = nameOn(stack, usual);
    const from = await topicEnds(stack);
    const wrote = await write(topic, stack);
    // What was written before may be in a transaction that is still open, and hold it back.
    let places: Places = new Map();
    const allThere = async () => {
      places = await placesOf(topic, from, stack);
      return places.size === wrote;
    };
    await world.becomes(allThere, READABLE_WITHIN_MS);
    for (const place of places.keys()) world.leaveOut(place);
    const kinds = Object.keys(POISONS).join(', ');
    witness.note(
      places.size === wrote,
      `${places.size} of ${wrote} records stand in ${topic}, in each partition: ${kinds}`,
    );
    witness.note(
      await world.comesToNothing(() => before(topic, places, stack), STANDS_STILL_MS),
      `everybody who reads ${topic} came past them`,
    );
    // What reads the last topic does not keep what it cannot take, nor can the topic for failures be set aside into itself.
    if (usual !== persisted && usual !== failed) await setAside(places, from, world, witness);
    return [witness.evidence()];
  },
};

async function write(topic: string, { eventLog }: ControlledStack): Promise<number> {
  const log: EventLog =
    eventLog.kind === 'kafka' ? openKafkaLog(eventLog) : openEmbeddedLog({ path: eventLog.path });
  try {
    const partitions = await log.partitions(topic);
    const producer = await log.claim(`${topic}:poison-${randomUUID()}`);
    const timestamp = Date.now();
    const records = Array.from({ length: partitions }, (_, partition) =>
      Object.values(POISONS).map((record) => ({ topic, partition, timestamp, ...record })),
    ).flat();
    await producer.commit({ records });
    await producer.close();
    return records.length;
  } finally {
    await log.close();
  }
}

/** Where they stand, with the partition and the offset of each. */
type Places = ReadonlyMap<string, { readonly partition: number; readonly offset: number }>;

async function placesOf(topic: string, from: StartOffsets, stack: ControlledStack): Promise<Places> {
  const values = new Set(Object.values(POISONS).map(({ value }) => asText(value)));
  const places = new Map<string, { partition: number; offset: number }>();
  const readers = await openReaders(stack, { mark: '', from });
  try {
    for await (const { partition, offset, value } of readers.topics.records(topic)) {
      if (values.has(asText(value)))
        places.set(recordPlace(topic, { partition, offset }), { partition, offset });
    }
  } finally {
    await readers.close();
  }
  return places;
}

const asText = (value: Buffer | null) => value?.toString('latin1') ?? null;

/** How many records lie before the last of them, over all who read the topic. */
async function before(topic: string, places: Places, stack: ControlledStack): Promise<number> {
  const upTo = new Map<number, number>();
  for (const { partition, offset } of places.values()) {
    upTo.set(partition, Math.max(offset + 1, upTo.get(partition) ?? 0));
  }
  const ends = (await stack.ends(topic)).map((one) => ({
    ...one,
    end: upTo.get(one.partition) ?? one.start,
  }));
  const lags = stack.readings
    .filter((reading) => reading.topic === topic)
    .map((reading) => stack.lag(reading, ends));
  return (await Promise.all(lags)).reduce((sum, lag) => sum + lag, 0);
}

async function setAside(
  places: Places,
  from: StartOffsets,
  world: FaultWorld,
  witness: Witness,
): Promise<void> {
  const { failed } = world.stack.topics;
  let times: ReadonlyMap<string, number> = new Map();
  const allThere = async () => {
    times = await timesSetAside(places, from, world.stack);
    return times.size === places.size;
  };
  await world.becomes(allThere, READABLE_WITHIN_MS);
  const once = [...times.values()].filter((count) => count === 1).length;
  witness.note(once === places.size, `${once} of them are in ${failed}, once each`);
}

/** How often each was set aside, of those that were. */
async function timesSetAside(places: Places, from: StartOffsets, stack: ControlledStack) {
  const { topics } = stack;
  const readers = await openReaders(stack, { mark: '', from });
  const times = new Map<string, number>();
  try {
    for await (const record of readers.topics.records(topics.failed)) {
      const place = sourceOf(record) ?? '';
      if (places.has(place)) times.set(place, (times.get(place) ?? 0) + 1);
    }
  } finally {
    await readers.close();
  }
  return times;
}
