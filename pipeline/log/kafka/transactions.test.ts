import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import {
  codeOf,
  fresh,
  makeTopic,
  readAll,
  readFrom,
  record,
  texts,
  write,
} from '../contract/fixture.contract.ts';
import { groupLag } from '../lag.ts';
import type { EventLog } from '../port.ts';
import { Kafka, logLevel } from './kafkajs.ts';
import { open } from './testing/opener.contract.ts';
import { RawProducer } from './testing/raw-producer.ts';
import { withBroker } from './testing/with-broker.ts';

/** What kafkajs takes for the marker of an aborted transaction, and what anybody can send as a key. */
const FOUR_NULS = Buffer.alloc(4);

withBroker('transactions on Kafka', (broker) => {
  let log: EventLog;
  const producers: RawProducer[] = [];
  beforeAll(async () => {
    log = await open(broker().address);
  });
  afterAll(async () => {
    await Promise.all(producers.map((producer) => producer.disconnect()));
    await log.close();
  });

  async function connect(transactionalId?: string): Promise<RawProducer> {
    const producer = await RawProducer.connect(broker().address, transactionalId);
    producers.push(producer);
    return producer;
  }

  it('names the record that the broker refuses, whose topic takes less than it did', async () => {
    const [topic, small] = [await makeTopic(log), await makeTopic(log)];
    const producer = await log.claim(fresh('id'));
    await producer.commit({ records: [record(topic, 'x'), record(small, 'x')] });
    const admin = new Kafka({ brokers: [broker().address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: '90000' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: small, configEntries }] });
    await admin.disconnect();
    const records = [record(topic, 'l'.repeat(200_000)), record(small, 's'.repeat(100_000))];
    await producer.close();
    // The broker is told of its new limit after whoever set it has an answer.
    await eventually(async () => {
      const again = await log.claim(fresh('id'));
      const refused = await again.commit({ records }).catch((error: unknown) => error);
      await again.close();
      expect(refused).toMatchObject({ code: 'RECORD_TOO_LARGE', topic: small, bytes: 100_000 });
    });
  });

  it('shows nothing of interleaved transactions that were aborted, from whatever offset one reads', async () => {
    const topic = await makeTopic(log);
    const transactional = await Promise.all([1, 2, 3, 4].map(() => connect(fresh('id'))));
    const plain = await connect();
    // A fixed sequence: a failure is to be found again.
    let seed = 11;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const committed = new Set<string>();
    const pending = transactional.map(() => [] as string[]);
    const end = async (i: number, commit: boolean) => {
      await transactional[i]!.end(commit);
      if (commit) for (const value of pending[i]!) committed.add(value);
      pending[i] = [];
    };
    for (let step = 0; step < 90; step++) {
      const i = random(transactional.length + 1);
      const value = `${step}`;
      const key = [null, Buffer.from('key'), FOUR_NULS][random(3)]!;
      if (i === transactional.length) {
        await plain.writePlain(topic, [{ key, value }]);
        committed.add(value);
      } else if (pending[i]!.length > 0 && random(4) === 0) {
        await end(i, random(3) === 0);
      } else {
        await transactional[i]!.write(topic, [{ key, value }]);
        pending[i]!.push(value);
      }
    }
    // Killed together, as it were.
    for (const i of transactional.keys()) await end(i, false);

    const expected = [...committed].sort((a, b) => Number(a) - Number(b));
    const all = await eventually(async () => {
      const records = await readAll(log, topic);
      expect(texts(records)).toEqual(expected);
      return records;
    });
    const { start, end: last } = (await log.ends(topic))[0]!;
    expect(last - start).toBeGreaterThan(90);
    for (let offset = start; offset <= last; offset++) {
      const seen = texts(await readFrom(log, topic, 0, offset));
      expect(seen).toEqual(texts(all.filter((one) => one.offset >= offset)));
    }
    // The reason for all this: what kafkajs itself shows of the same log.
    expect(await readByKafkajs(broker().address, topic, expected.at(-1)!)).not.toEqual(expected);
  });

  it('goes past what was aborted, to the end', async () => {
    const topic = await makeTopic(log);
    await write(log, [record(topic, 'kept')]);
    const [first, second] = [await connect(fresh('id')), await connect(fresh('id'))];
    for (const producer of [first, second, first]) await producer.write(topic, [{ value: 'aborted' }]);
    await first.end(false);
    await second.end(false);
    const batches = [];
    await eventually(async () => expect((await log.ends(topic))[0]!.end).toBe(7));
    for await (const batch of log.read({ topic, partition: 0, offset: 0 })) batches.push(batch);
    expect(batches.map(({ records, nextOffset }) => [records.length, nextOffset])).toEqual([[1, 7]]);
  });

  it('a group that has read everything has no lag, though the log ends with what was aborted', async () => {
    const [topic, group] = [await makeTopic(log, { partitions: 2 }), fresh('group')];
    await write(log, [record(topic, 'a'), record(topic, 'b', { partition: 1 })]);
    expect(await groupLag(log, group, topic)).toBeGreaterThan(0);
    const producer = await log.claim(fresh('id'));
    const offsets = [0, 1].map((partition) => ({ partition, offset: 1 }));
    await producer.commit({ records: [], offsets: { group, topic, offsets } });
    const dead = await connect(fresh('id'));
    await dead.write(
      topic,
      Array.from({ length: 150 }, () => ({ value: 'aborted' })),
    );
    await dead.end(false);
    await eventually(async () => expect((await log.ends(topic))[0]!.end).toBe(153));
    expect(await groupLag(log, group, topic)).toBe(0);
    await write(log, [record(topic, 'c')]);
    expect(await groupLag(log, group, topic)).toBeGreaterThan(0);
  });

  it('a claim ends the transaction that the predecessor left open, and what comes after it is read', async () => {
    const topic = await makeTopic(log);
    const id = fresh('id');
    const dead = await connect(id);
    await dead.write(topic, [{ value: 'left open' }]);
    await write(log, [record(topic, 'behind it')]);
    // Nobody sees what stands behind an open transaction.
    expect(await readAll(log, topic)).toEqual([]);
    const producer = await log.claim(id);
    expect(texts(await readAll(log, topic))).toEqual(['behind it']);
    await producer.commit({ records: [record(topic, 'of the successor')] });
    await expect(dead.end(true)).rejects.toThrow();
    expect(texts(await readAll(log, topic))).toEqual(['behind it', 'of the successor']);
  });

  it('a producer whose transaction took too long is fenced, and what it wrote is gone', async () => {
    const topic = await makeTopic(log);
    const id = fresh('id');
    const producer = await log.claim(id);
    await producer.commit({ records: [record(topic, 'first')] });
    // Another instance of the same id, known to the broker as the newer one.
    const other = await connect(id);
    await other.write(topic, [{ value: 'open' }]);
    expect(await codeOf(producer.commit({ records: [record(topic, 'late')] }))).toBe('FENCED');
    await other.end(false);
    expect(texts(await readAll(log, topic))).toEqual(['first']);
  });
});

/** All that kafkajs's consumer shows up to a value, from the offset where it shows most. */
async function readByKafkajs(address: string, topic: string, last: string): Promise<string[]> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: fresh('group') });
  const seen: string[] = [];
  const done = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      seen.push(message.value!.toString());
      if (seen.at(-1) === last) done.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  return seen;
}
