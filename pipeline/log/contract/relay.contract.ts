import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import type { Consumer, EventLog, PartitionHandler, TransactionalProducer } from '../port.ts';
import { fresh, type Maker, makeTopic, readAll, record, texts, write } from './fixture.contract.ts';

const PARTITIONS = 4;
const RECORDS = 3_000;

/** A stage as the delivery protocol has it, which dies, throws and forgets at every point where that can happen. */
function relay(
  log: EventLog,
  group: string,
  from: string,
  to: string,
  partition: number,
  fails: () => boolean,
): PartitionHandler {
  let producer: TransactionalProducer | undefined;
  return {
    async claim() {
      if (fails()) throw new Error('before the claim');
      producer = await log.claim(`${group}:${from}:${partition}`);
      if (fails()) throw new Error('after the claim');
      return (await log.committed(group, from))[partition] ?? (await log.ends(from))[partition]!.start;
    },
    async process(batch) {
      if (fails()) await delay(5);
      if (fails()) throw new Error('before the commit');
      await producer!.commit({
        records: batch.records.map(({ key, value, timestamp }) => ({
          topic: to,
          partition,
          key,
          value,
          timestamp,
        })),
        offsets: { group, topic: from, offsets: [{ partition, offset: batch.nextOffset }] },
      });
      if (fails()) throw new Error('after the commit');
    },
    async release() {
      if (fails()) throw new Error('in release');
      await producer?.close();
    },
  };
}

export function describeRelay(make: Maker): void {
  describe('a relay by claim and commit', () => {
    it('copies every record once and in order, through errors, rebalances and two members at once', async () => {
      const logs = await Promise.all([make().open(), make().open(), make().open()]);
      const log = logs[0]!;
      const [from, to] = [
        await makeTopic(log, { partitions: PARTITIONS }),
        await makeTopic(log, { partitions: PARTITIONS }),
      ];
      const group = fresh('relay');
      // A fixed sequence: a failure of the relay is to be found again.
      let seed = 42;
      const random = () => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        return seed / 2 ** 32;
      };
      let chaos = true;
      const fails = () => chaos && random() < 0.04;
      const start = (instance: EventLog): Consumer =>
        instance.consume({
          group,
          topic: from,
          maxBatchRecords: 25,
          handler: (partition) => relay(instance, group, from, to, partition, fails),
        });
      const consumers = logs.map(start);
      const writing = (async () => {
        for (let i = 0; i < RECORDS; i += 100) {
          await write(
            log,
            Array.from({ length: 100 }, (_, k) =>
              record(from, `${i + k}`, { partition: (i + k) % PARTITIONS }),
            ),
          );
          await delay(5);
        }
      })();
      for (let storm = 0; storm < 12; storm++) {
        const victim = Math.floor(random() * consumers.length);
        const stopping = consumers[victim]!.stop();
        // Sometimes the next one joins before the last one has gone.
        if (random() < 0.5) await stopping;
        consumers[victim] = start(logs[victim]!);
        await delay(random() * 60);
      }
      await writing;
      chaos = false;
      const ends = await log.ends(from);
      await eventually(async () => {
        const committed = await log.committed(group, from);
        const last = await Promise.all(
          ends.map(async (_, p) => (await readAll(log, from, p)).at(-1)!.offset),
        );
        for (const [partition, offset] of last.entries())
          expect(committed[partition]).toBeGreaterThan(offset);
      });
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect(texts(await readAll(log, to, partition))).toEqual(texts(await readAll(log, from, partition)));
        expect(await readAll(log, to, partition)).toHaveLength(RECORDS / PARTITIONS);
      }
    });

    it('with two consumers that both believe they own a partition still copies each record once', async () => {
      const log = await make().open();
      const other = await make().open();
      const [from, to] = [await makeTopic(log), await makeTopic(log)];
      await write(
        log,
        Array.from({ length: 400 }, (_, i) => record(from, `${i}`)),
      );
      const group = fresh('relay');
      // Two groups of consumers that commit as one: what a zombie and its successor are to each other.
      const consumers = [log, other].map((instance) =>
        instance.consume({
          group: fresh('zombies'),
          topic: from,
          maxBatchRecords: 10,
          handler: () => relay(instance, group, from, to, 0, () => false),
        }),
      );
      await eventually(async () => expect(await readAll(log, to)).toHaveLength(400));
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      expect(texts(await readAll(log, to))).toEqual(texts(await readAll(log, from)));
    });
  });
}
