import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import {
  codeOf,
  fresh,
  handlerOf,
  makeTopic,
  readAll,
  record,
  texts,
  write,
} from '../contract/fixture.contract.ts';
import { groupLag } from '../lag.ts';
import type { EventLog, PartitionHandler, TransactionalProducer } from '../port.ts';
import { openKafkaLog } from './kafka-log.ts';
import { TEST_USER } from './testing/broker.ts';
import { open } from './testing/opener.contract.ts';
import { KafkaProxy } from './testing/proxy.ts';
import { withOwnBroker } from './testing/with-broker.ts';

const [PRODUCE, FETCH, ADD_PARTITIONS, ADD_OFFSETS, END_TRANSACTION, OFFSETS] = [0, 1, 24, 25, 26, 28];

/** A stage as the delivery protocol has it. */
function relay(log: EventLog, group: string, from: string, to: string, partition: number): PartitionHandler {
  let producer: TransactionalProducer | undefined;
  return {
    async claim() {
      await producer?.close();
      producer = await log.claim(`${group}:${from}:${partition}`);
      return (await log.committed(group, from))[partition] ?? (await log.ends(from))[partition]!.start;
    },
    async process({ records, nextOffset }) {
      await producer!.commit({
        records: records.map((one) => ({ ...one, topic: to, partition })),
        offsets: { group, topic: from, offsets: [{ partition, offset: nextOffset }] },
      });
    },
    async release() {
      await producer?.close();
    },
  };
}

/** A broker whose JVM has just begun takes its time, and so do those who had given it up. */
const BACK_WITHIN_MS = 120_000;

withOwnBroker('Kafka that fails', (broker) => {
  describe('a request that is lost on its way', () => {
    let proxy: KafkaProxy;
    let log: EventLog;
    let direct: EventLog;
    beforeAll(async () => {
      proxy = await KafkaProxy.listen(broker().proxied);
      log = await open(`127.0.0.1:${broker().proxied.listen}`);
      direct = await open(broker().address);
    });
    afterAll(async () => {
      await Promise.all([log.close(), direct.close()]);
      proxy.close();
    });

    it.each([
      ['reaches the broker, whose answer is lost', 'after', true],
      ['does not reach the broker', 'before', false],
    ] as const)('the end of a transaction: unknown, when it %s', async (_, where, isCommitted) => {
      const [topic, group, id] = [await makeTopic(direct), fresh('group'), fresh('id')];
      const producer = await log.claim(id);
      const cut = proxy.cut({ apiKey: END_TRANSACTION!, where });
      const outcome = await codeOf(
        producer.commit({
          records: [record(topic, 'x')],
          offsets: { group, topic, offsets: [{ partition: 0, offset: 1 }] },
        }),
      );
      await cut;
      expect(outcome).toBe('OUTCOME_UNKNOWN');
      expect(await codeOf(producer.commit({ records: [] }))).toBe('PRODUCER_UNUSABLE');
      // Whoever claims next learns it.
      await log.claim(id);
      expect(await log.committed(group, topic)).toEqual([isCommitted ? 1 : null]);
      expect(texts(await readAll(direct, topic))).toEqual(isCommitted ? ['x'] : []);
    });

    it.each([
      ['records', PRODUCE],
      ['partitions', ADD_PARTITIONS],
      ['the group', ADD_OFFSETS],
      ['offsets', OFFSETS],
    ] as const)('%s: written once or not at all, before and after', async (_, apiKey) => {
      for (const where of ['before', 'after'] as const) {
        const [topic, group, id] = [await makeTopic(direct), fresh('group'), fresh('id')];
        const producer = await log.claim(id);
        const cut = proxy.cut({ apiKey: apiKey!, where });
        const outcome = await codeOf(
          producer.commit({
            records: [record(topic, 'x'), record(topic, 'y')],
            offsets: { group, topic, offsets: [{ partition: 0, offset: 1 }] },
          }),
        );
        await cut;
        expect([undefined, 'KAFKA_UNREACHABLE', 'KAFKA_ERROR']).toContain(outcome);
        await log.claim(id);
        const written = outcome === undefined;
        expect(texts(await readAll(direct, topic))).toEqual(written ? ['x', 'y'] : []);
        expect(await log.committed(group, topic)).toEqual([written ? 1 : null]);
      }
    });
  });

  it('of a group that has read everything the lag costs no fetch, once that is known, and little before', async () => {
    const log = await open(broker().address);
    const [topic, group] = [await makeTopic(log), fresh('group')];
    const large = 'l'.repeat(100_000);
    await write(
      log,
      [1, 2, 3].map(() => record(topic, large)),
    );
    const committed = async (offset: number) => {
      const producer = await log.claim(fresh('id'));
      await producer.commit({
        ...{ records: [], offsets: { group, topic, offsets: [{ partition: 0, offset }] } },
      });
    };
    const proxy = await KafkaProxy.listen(broker().proxied);
    const asking = await open(`127.0.0.1:${broker().proxied.listen}`);
    const lag = async (expected: number) => {
      const before = proxy.passed(FETCH);
      const found = await groupLag(asking, group, topic);
      expect(Math.sign(found)).toBe(expected);
      return proxy.passed(FETCH) - before;
    };
    await committed(1);
    expect(await lag(1)).toBe(1);
    expect(await lag(1)).toBe(0);
    await committed(3);
    expect(await lag(0)).toBe(1);
    for (let i = 0; i < 3; i++) expect(await lag(0)).toBe(0);
    await write(log, [record(topic, 'x')]);
    expect(await lag(1)).toBe(1);
    await Promise.all([log.close(), asking.close()]);
    proxy.close();
  });

  it.each([
    ['killed', () => broker().kill(), () => broker().restart()],
    ['paused', async () => broker().pause(), async () => broker().resume()],
  ] as const)(
    'a relay goes on by itself when the broker was %s, and copies each record once',
    async (_, away, back) => {
      const log = await open(broker().address);
      const writer = await open(broker().address);
      const [from, to] = [await makeTopic(log, { partitions: 3 }), await makeTopic(log, { partitions: 3 })];
      const group = fresh('relay');
      const reported: unknown[] = [];
      const consumers = [log, writer].map((instance) =>
        instance.consume({
          group,
          topic: from,
          maxBatchRecords: 20,
          onError: (error) => reported.push(error),
          handler: (partition) => relay(instance, group, from, to, partition),
        }),
      );
      // Each write is known to be there before the next: what fails is claimed and looked for.
      let written = 0;
      let stopped = false;
      const id = fresh('writer');
      const writing = (async () => {
        let producer: TransactionalProducer | undefined;
        while (!stopped) {
          try {
            producer ??= await writer.claim(id);
            const [committed] = await writer.committed(id, from);
            written = committed ?? 0;
            const records = [0, 1, 2].flatMap((partition) =>
              [0, 1].map((k) => record(from, `${written * 2 + k}`, { partition })),
            );
            await producer.commit({
              records,
              offsets: { group: id, topic: from, offsets: [{ partition: 0, offset: written + 1 }] },
            });
          } catch (error) {
            reported.push(error);
            await producer?.close();
            producer = undefined;
            await delay(50);
          }
        }
        await producer?.close();
      })();
      await eventually(() => expect(written).toBeGreaterThan(5));
      await away();
      await delay(4_000);
      await back();
      const before = written;
      await eventually(() => expect(written).toBeGreaterThan(before + 20), BACK_WITHIN_MS);
      stopped = true;
      await writing;
      for (const partition of [0, 1, 2]) {
        await eventually(
          async () =>
            expect(texts(await readAll(log, to, partition))).toEqual(
              texts(await readAll(log, from, partition)),
            ),
          BACK_WITHIN_MS,
        );
        const values = texts(await readAll(log, from, partition));
        expect(values).toEqual(Array.from(values, (__, i) => `${i}`));
      }
      expect(reported.length).toBeGreaterThan(0);
      for (const error of reported) expect(error).toBeInstanceOf(Error);
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await Promise.all([log.close(), writer.close()]);
    },
  );

  describe('errors for people', () => {
    const attempt = async (options: Parameters<typeof openKafkaLog>[0]) => {
      const log = openKafkaLog({ requestTimeoutMs: 1_000, ...options });
      try {
        return await log.partitions('topic').then(
          () => undefined,
          (error: unknown) => error,
        );
      } finally {
        await log.close();
      }
    };

    it('no broker there, or none at all', async () => {
      const error = await attempt({ brokers: ['127.0.0.1:1'] });
      expect(error).toMatchObject({ code: 'KAFKA_UNREACHABLE' });
      expect(String(error)).toContain('127.0.0.1:1');
      expect(() => openKafkaLog({ brokers: [] })).toThrow(/no broker/);
    });

    it('TLS and credentials: right, wrong, missing', async () => {
      const { secureAddress, certificate } = broker();
      const brokers = [secureAddress];
      const tls = { ca: certificate };
      const sasl = { mechanism: 'scram-sha-512', ...TEST_USER } as const;
      const log = openKafkaLog({ brokers, tls, sasl });
      const topic = await makeTopic(log);
      await write(log, [record(topic, 'x')]);
      const group = fresh('group');
      const seen: unknown[] = [];
      const consumer = log.consume({
        group,
        topic,
        handler: () => handlerOf(log, group, ({ records }) => void seen.push(...texts(records))),
      });
      await eventually(() => expect(seen).toEqual(['x']));
      await consumer.stop();
      await log.close();

      const wrong = await attempt({ brokers, tls, sasl: { ...sasl, password: 'wrong' } });
      expect(wrong).toMatchObject({ code: 'KAFKA_CREDENTIALS' });
      expect(await attempt({ brokers, sasl })).toMatchObject({ code: 'KAFKA_UNREACHABLE' });
      const untrusted = await attempt({ brokers, tls: true, sasl });
      expect(untrusted).toMatchObject({ code: 'KAFKA_UNREACHABLE' });
      expect(String(untrusted)).toMatch(/certificate/);
    });
  });
});
