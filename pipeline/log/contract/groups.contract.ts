import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClickproofError } from '../../contracts/errors.ts';
import { eventually } from '../../contracts/testing/eventually.ts';
import type { Consumer, ConsumerOptions, EventLog, PartitionContext, PartitionHandler } from '../port.ts';
import { codeOf, fresh, handlerOf, type Maker, makeTopic, record, texts, write } from './fixture.contract.ts';

export function describeGroups(make: Maker): void {
  describe('a consumer group', () => {
    let logs: EventLog[];
    let log: EventLog;
    let consumers: Consumer[] = [];
    beforeAll(async () => {
      logs = await Promise.all([make().open(), make().open(), make().open()]);
      log = logs[0]!;
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      consumers = [];
    });

    function consume(instance: EventLog, options: ConsumerOptions): Consumer {
      const consumer = instance.consume(options);
      consumers.push(consumer);
      return consumer;
    }

    /** Joins and does nothing with what comes. */
    function idle(instance: EventLog, group: string, topic: string): Consumer {
      return consume(instance, { group, topic, handler: () => handlerOf(instance, group, () => {}) });
    }

    async function settled(members: readonly Consumer[], partitions: number): Promise<number[][]> {
      const expected = Array.from({ length: partitions }, (_, i) => i);
      const [least, most] = [Math.floor(partitions / members.length), Math.ceil(partitions / members.length)];
      return eventually(() => {
        const held = members.map((member) => [...member.assignment()].sort((a, b) => a - b));
        expect(held.flat().sort((a, b) => a - b)).toEqual(expected);
        for (const { length } of held) {
          expect(length).toBeGreaterThanOrEqual(least);
          expect(length).toBeLessThanOrEqual(most);
        }
        return held;
      });
    }

    it.each([
      [1, 3],
      [2, 3],
      [3, 3],
      [3, 7],
      [3, 2],
      [2, 1],
    ])('shares out every partition once: %i members, %i partitions', async (members, partitions) => {
      const topic = await makeTopic(log, { partitions });
      const group = fresh('group');
      await settled(
        logs.slice(0, members).map((instance) => idle(instance, group, topic)),
        partitions,
      );
    });

    it('shares out anew when members join and leave, one after another or all at once', async () => {
      const topic = await makeTopic(log, { partitions: 6 });
      const group = fresh('group');
      const [a, b, c] = [
        idle(logs[0]!, group, topic),
        idle(logs[1]!, group, topic),
        idle(logs[2]!, group, topic),
      ];
      await settled([a, b, c], 6);
      await b.stop();
      expect(b.assignment()).toEqual([]);
      await settled([a, c], 6);
      const d = idle(logs[1]!, group, topic);
      await settled([a, c, d], 6);
      await Promise.all([a.stop(), c.stop()]);
      await settled([d], 6);
    });

    it('knows members of the same instance, and other groups and topics, apart', async () => {
      const [one, two] = [await makeTopic(log, { partitions: 2 }), await makeTopic(log, { partitions: 2 })];
      const [g, h] = [fresh('group'), fresh('group')];
      const [a, b, c, d] = [idle(log, g, one), idle(log, g, one), idle(log, h, one), idle(log, g, two)];
      await settled([a, b], 2);
      await settled([c], 2);
      await settled([d], 2);
    });

    it('hands over every record in order, from where the handler says', async () => {
      const topic = await makeTopic(log, { partitions: 3 });
      const values = Array.from({ length: 300 }, (_, i) => `${i}`);
      await write(
        log,
        values.slice(0, 150).map((value, i) => record(topic, value, { partition: i % 3 })),
      );
      const group = fresh('group');
      const seen: string[][] = [[], [], []];
      consume(logs[1]!, {
        group,
        topic,
        maxBatchRecords: 7,
        handler: (partition) =>
          handlerOf(logs[1]!, group, (batch, context) => {
            expect(batch).toMatchObject({ topic, partition });
            expect(context).toMatchObject({ topic, partition, partitions: 3 });
            expect(batch.records.length).toBeLessThanOrEqual(7);
            expect(batch.nextOffset).toBeGreaterThan(batch.records.at(-1)!.offset);
            seen[partition]!.push(...(texts(batch.records) as string[]));
          }),
      });
      await eventually(() => expect(seen.flat()).toHaveLength(150));
      await write(
        log,
        values.slice(150).map((value, i) => record(topic, value, { partition: i % 3 })),
      );
      await eventually(() => expect(seen.flat()).toHaveLength(300));
      for (const partition of [0, 1, 2])
        expect(seen[partition]).toEqual(values.filter((_, i) => i % 3 === partition));
    });

    it('respects the limit of bytes, but always hands over at least one record', async () => {
      const topic = await makeTopic(log);
      const sizes = [100, 100, 100, 5_000, 100, 900, 100];
      await write(
        log,
        sizes.map((size) => record(topic, 'x'.repeat(size))),
      );
      const group = fresh('group');
      const batches: number[][] = [];
      consume(log, {
        group,
        topic,
        maxBatchBytes: 1_000,
        handler: () =>
          handlerOf(log, group, ({ records }) => void batches.push(records.map((r) => r.value!.length))),
      });
      await eventually(() => expect(batches.flat()).toEqual(sizes));
      for (const batch of batches) {
        if (batch.length > 1) expect(batch.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(1_000);
      }
    });

    it('waits with a batch that is not full for as long as it lingers, no longer', async () => {
      const topic = await makeTopic(log);
      const group = fresh('group');
      const batches: number[] = [];
      const lingering = consume(log, {
        group,
        topic,
        maxBatchRecords: 4,
        lingerMs: 3_600_000,
        handler: () => handlerOf(log, group, ({ records }) => void batches.push(records.length)),
      });
      for (let i = 0; i < 10; i++) await write(logs[1]!, [record(topic, `${i}`)]);
      await eventually(() => expect(batches).toEqual([4, 4]));
      // The two that are left are no full batch; stopping does not hand them over.
      await lingering.stop();
      expect(batches).toEqual([4, 4]);
    });

    it('serves the partitions of one member in turn', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      await write(
        log,
        Array.from({ length: 2_000 }, (_, i) => record(topic, `${i}`, { partition: i % 2 })),
      );
      const group = fresh('group');
      const turns: number[] = [];
      consume(log, {
        group,
        topic,
        maxBatchRecords: 10,
        handler: (partition) =>
          handlerOf(log, group, async () => {
            turns.push(partition);
            await delay(1);
          }),
      });
      await eventually(() => expect(turns.length).toBeGreaterThanOrEqual(200));
      // Neither waits until the other is done.
      expect(turns.indexOf(1)).toBeLessThan(turns.lastIndexOf(0));
      expect(turns.indexOf(0)).toBeLessThan(turns.lastIndexOf(1));
    });

    it('takes nothing more for a partition whose handler is slow, and goes on with the others', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      const group = fresh('group');
      const slow = Promise.withResolvers<void>();
      const calls = [0, 0];
      const seen = [0, 0];
      consume(log, {
        group,
        topic,
        maxBatchRecords: 5,
        handler: (partition) =>
          handlerOf(log, group, async ({ records }) => {
            calls[partition]!++;
            if (partition === 0) await slow.promise;
            seen[partition]! += records.length;
          }),
      });
      for (let i = 0; i < 20; i++) {
        await write(
          logs[1]!,
          [0, 1].flatMap((partition) =>
            Array.from({ length: 5 }, () => record(topic, `${i}`, { partition })),
          ),
        );
      }
      await eventually(() => expect(seen[1]).toBe(100));
      expect(calls[0]).toBe(1);
      slow.resolve();
      await eventually(() => expect(seen).toEqual([100, 100]));
      expect(calls[0]).toBeGreaterThanOrEqual(20);
    });

    it('claims before the first batch, and again after every error, at the offset that is told then', async () => {
      const topic = await makeTopic(log);
      await write(
        log,
        Array.from({ length: 6 }, (_, i) => record(topic, `${i}`)),
      );
      const { start } = (await log.ends(topic))[0]!;
      const group = fresh('group');
      const story: string[] = [];
      const errors: unknown[] = [];
      let position = start;
      let [claims, busy] = [0, 0];
      consume(log, {
        group,
        topic,
        maxBatchRecords: 2,
        onError: (error, where) => errors.push([(error as Error).message, where]),
        handler: () => ({
          async claim() {
            claims++;
            if (claims <= 2) throw new Error(`claim ${claims}`);
            story.push('claim');
            return position;
          },
          async process(batch) {
            expect(++busy).toBe(1);
            await delay(1);
            busy--;
            story.push(texts(batch.records).join());
            if (story.length === 4) throw new Error('process');
            position = batch.nextOffset;
          },
        }),
      });
      await eventually(() => expect(story).toHaveLength(6));
      expect(story).toEqual(['claim', '0,1', '2,3', '4,5', 'claim', '4,5']);
      const where = { topic, partition: 0 };
      expect(errors).toEqual([
        ['claim 1', where],
        ['claim 2', where],
        ['process', where],
      ]);
    });

    it('tells of an offset outside of the log, and claims again until it is right', async () => {
      const topic = await makeTopic(log);
      await write(log, [record(topic, 'x')]);
      const { start, end } = (await log.ends(topic))[0]!;
      const group = fresh('group');
      const answers = [end + 5, start - 1, start];
      const codes: unknown[] = [];
      const seen: unknown[] = [];
      consume(log, {
        group,
        topic,
        onError: (error) => codes.push((error as { code: unknown }).code),
        handler: () => ({
          claim: async () => answers.shift()!,
          process: async ({ records }) => void seen.push(...texts(records)),
        }),
      });
      await eventually(() => expect(seen).toEqual(['x']));
      expect(codes).toEqual(['OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE']);
    });

    it('ends when a handler refuses, and leaves its partitions to others', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      await write(log, [record(topic, 'x', { partition: 1 })]);
      const group = fresh('group');
      let released = 0;
      const refusing = consume(log, {
        group,
        topic,
        handler: () => ({
          ...handlerOf(log, group, () => {
            throw new ClickproofError('REFUSED', 'not with me');
          }),
          release: async () => void released++,
        }),
      });
      await expect(refusing.done).rejects.toMatchObject({ code: 'REFUSED', message: 'not with me' });
      expect(released).toBe(2);
      expect(refusing.assignment()).toEqual([]);
      await refusing.stop();
      await settled([idle(logs[1]!, group, topic)], 2);
    });

    it('stops after the batch in hand, whose offset still counts, and releases', async () => {
      const topic = await makeTopic(log);
      await write(
        log,
        Array.from({ length: 4 }, (_, i) => record(topic, `${i}`)),
      );
      const group = fresh('group');
      const entered = Promise.withResolvers<void>();
      const leave = Promise.withResolvers<void>();
      const story: string[] = [];
      const consumer = consume(log, {
        group,
        topic,
        maxBatchRecords: 2,
        handler: () => ({
          ...handlerOf(log, group, async (batch, context) => {
            entered.resolve();
            await leave.promise;
            story.push(texts(batch.records).join());
            await context.commitOffset(batch.nextOffset);
          }),
          release: async () => void story.push('released'),
        }),
      });
      await entered.promise;
      const stopping = [consumer.stop(), consumer.stop()];
      await delay(20);
      expect(story).toEqual([]);
      leave.resolve();
      await Promise.all(stopping);
      await consumer.done;
      expect(story).toEqual(['0,1', 'released']);
      const next: unknown[] = [];
      consume(logs[1]!, {
        group,
        topic,
        handler: () => handlerOf(logs[1]!, group, ({ records }) => void next.push(...texts(records))),
      });
      await eventually(() => expect(next).toEqual(['2', '3']));
    });

    it('aborts, awaits and releases a partition that goes to another member, which then claims it', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      await write(log, [record(topic, 'x', { partition: 0 }), record(topic, 'x', { partition: 1 })]);
      const group = fresh('group');
      const story: string[] = [];
      const handler =
        (name: string, instance: EventLog) =>
        (partition: number): PartitionHandler => ({
          ...handlerOf(instance, group, async (_batch, { signal }) => {
            story.push(`${name} ${partition} in hand`);
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            await delay(20);
            story.push(`${name} ${partition} given up`);
          }),
          release: async () => void story.push(`${name} ${partition} released`),
        });
      consume(log, { group, topic, handler: handler('old', log) });
      await eventually(() => expect(story).toHaveLength(2));
      consume(logs[1]!, { group, topic, handler: handler('new', logs[1]!) });
      const moved = await eventually(() => {
        const found = story.findIndex((line) => line.startsWith('new'));
        expect(found).toBeGreaterThan(0);
        return story[found]!.split(' ')[1]!;
      });
      expect(story.filter((line) => line.includes(` ${moved} `))).toEqual([
        `old ${moved} in hand`,
        `old ${moved} given up`,
        `old ${moved} released`,
        `new ${moved} in hand`,
      ]);
      for (const consumer of consumers) void consumer.stop();
    });

    it('refuses an offset of a member that would not let go', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      await write(log, [record(topic, 'x', { partition: 0 }), record(topic, 'x', { partition: 1 })]);
      const group = fresh('group');
      const stuck = Promise.withResolvers<void>();
      const contexts: PartitionContext[] = [];
      consume(log, {
        group,
        topic,
        handler: () =>
          handlerOf(log, group, async (_batch, context) => {
            contexts.push(context);
            await stuck.promise;
          }),
      });
      await eventually(() => expect(contexts).toHaveLength(2));
      const taken = Promise.withResolvers<number>();
      consume(logs[1]!, {
        group,
        topic,
        handler: (partition) => handlerOf(logs[1]!, group, () => taken.resolve(partition)),
      });
      const partition = await taken.promise;
      const old = contexts.find((context) => context.partition === partition)!;
      expect(old.signal.aborted).toBe(true);
      expect(await codeOf(old.commitOffset(1))).toBe('FENCED');
      expect((await log.committed(group, topic))[partition]).toBeNull();
      stuck.resolve();
    });

    it('gives a partition back to its member as a new assignment, after the old one has ended', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      await write(log, [record(topic, 'x', { partition: 0 }), record(topic, 'x', { partition: 1 })]);
      const group = fresh('group');
      const leave = Promise.withResolvers<void>();
      const story: string[] = [];
      const contexts: PartitionContext[] = [];
      consume(log, {
        group,
        topic,
        handler: (partition) => {
          const handler = handlerOf(log, group, async (_batch, context) => {
            contexts.push(context);
            await leave.promise;
          });
          return {
            process: handler.process,
            async claim(context) {
              story.push(`claim ${partition}`);
              return handler.claim(context);
            },
            release: async () => void story.push(`release ${partition}`),
          };
        },
      });
      await eventually(() => expect(contexts).toHaveLength(2));
      const visitor = idle(logs[1]!, group, topic);
      const old = await eventually(() => {
        const revoked = contexts.find(({ signal }) => signal.aborted);
        expect(revoked).toBeDefined();
        return revoked!;
      });
      await visitor.stop();
      // Time for it to be wrong.
      await delay(200);
      const { partition } = old;
      expect(story.filter((line) => line.endsWith(`${partition}`))).toEqual([`claim ${partition}`]);
      leave.resolve();
      await eventually(() => expect(contexts).toHaveLength(3));
      expect(story.filter((line) => line.endsWith(`${partition}`))).toEqual([
        `claim ${partition}`,
        `release ${partition}`,
        `claim ${partition}`,
      ]);
      const { end } = (await log.ends(topic))[partition]!;
      expect(await codeOf(old.commitOffset(end))).toBe('FENCED');
      await contexts[2]!.commitOffset(end);
      expect((await log.committed(group, topic))[partition]).toBe(end);
    });

    it('refuses an offset of an assignment that has ended', async () => {
      const topic = await makeTopic(log);
      await write(log, [record(topic, 'x')]);
      const group = fresh('group');
      const contexts: PartitionContext[] = [];
      const once = () =>
        consume(log, {
          group,
          topic,
          handler: () => handlerOf(log, group, (_, context) => void contexts.push(context)),
        });
      const first = once();
      await eventually(() => expect(contexts).toHaveLength(1));
      await first.stop();
      once();
      await eventually(() => expect(contexts).toHaveLength(2));
      const { end } = (await log.ends(topic))[0]!;
      expect(await codeOf(contexts[0]!.commitOffset(end))).toBe('FENCED');
      await contexts[1]!.commitOffset(end);
      expect(await log.committed(group, topic)).toEqual([end]);
    });
  });
}
