import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_KEY_BYTES } from '../../contracts/partitioning.ts';
import type { EventLog } from '../port.ts';
import { RecordTooLarge } from '../record-too-large.ts';
import {
  codeOf,
  fresh,
  type Maker,
  makeTopic,
  readAll,
  readFrom,
  record,
  texts,
  write,
} from './fixture.contract.ts';

export function describeRecords(make: Maker): void {
  describe('topics', () => {
    let log: EventLog;
    beforeAll(async () => {
      log = await make().open();
    });

    it('exist once they are ensured, empty, for every instance', async () => {
      const topic = await makeTopic(log, { partitions: 3 });
      const other = await make().open();
      expect(await other.partitions(topic)).toBe(3);
      const ends = await other.ends(topic);
      expect(ends.map(({ partition }) => partition)).toEqual([0, 1, 2]);
      for (const { start, end } of ends) expect(end).toBe(start);
      expect(await readAll(other, topic, 1)).toEqual([]);
      await other.close();
    });

    it('can be ensured again as they are, by several at once', async () => {
      const spec = {
        name: fresh('topic'),
        partitions: 2,
        cleanup: 'delete',
        retentionMs: 86_400_000,
        maxRecordBytes: 1_000,
      } as const;
      await Promise.all([log.ensureTopics([spec]), log.ensureTopics([spec]), log.ensureTopics([spec])]);
      expect(await log.partitions(spec.name)).toBe(2);
    });

    it.each([
      { partitions: 4 },
      { cleanup: 'compact' },
      { retentionMs: 1_000 },
      { maxRecordBytes: 5 },
    ] as const)('refuse other settings: %o', async (change) => {
      const spec = { name: fresh('topic'), partitions: 3, cleanup: 'delete', maxRecordBytes: 1_000 } as const;
      await log.ensureTopics([spec]);
      const attempt = log.ensureTopics([{ ...spec, ...change }]);
      await expect(attempt).rejects.toMatchObject({ code: 'TOPIC_MISMATCH' });
      await expect(attempt).rejects.toThrow(spec.name);
      await expect(attempt).rejects.toThrow(String(Object.values(change)[0]));
    });

    it('that are missing are named', async () => {
      const topic = fresh('missing');
      for (const operation of [
        () => log.partitions(topic),
        () => log.ends(topic),
        () => log.committed('group', topic),
        () => readFrom(log, topic, 0, 0),
        () => write(log, [record(topic, 'x')]),
      ]) {
        expect(await codeOf(operation())).toBe('TOPIC_MISSING');
      }
    });
  });

  describe('records', () => {
    let log: EventLog;
    let reader: EventLog;
    beforeAll(async () => {
      log = await make().open();
      reader = await make().open();
    });

    it('come back in the order in which they were written, across transactions and instances', async () => {
      const topic = await makeTopic(log);
      const producer = await log.claim(fresh('id'));
      for (let i = 0; i < 20; i++) {
        await producer.commit({
          records: Array.from({ length: 10 }, (_, k) => record(topic, `${i * 10 + k}`)),
        });
      }
      expect(texts(await readAll(reader, topic))).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
    });

    it('keep their bytes: keys and values with NUL, empty, null, invalid UTF-8', async () => {
      const topic = await makeTopic(log);
      const bytes = [null, '', '00000000', '0000000000', 'ff00fe', 'c3a900'];
      const pairs = bytes.flatMap((key) =>
        bytes.filter((value) => value !== null).map((value) => ({ key, value })),
      );
      const buffer = (hex: string | null) => (hex === null ? null : Buffer.from(hex, 'hex'));
      await write(
        log,
        pairs.map(({ key, value }) => ({ ...record(topic, ''), key: buffer(key), value: buffer(value) })),
      );
      const seen = (await readAll(reader, topic)).map(({ key, value }) => ({
        key: key?.toString('hex') ?? null,
        value: value?.toString('hex') ?? null,
      }));
      expect(seen).toEqual(pairs);
    });

    it('keep their timestamps to the millisecond, in whatever order they come', async () => {
      const topic = await makeTopic(log);
      const times = [1_700_000_000_001, 0, 1_600_000_000_999, 4_102_444_800_000, 1, 1_700_000_000_000];
      await write(
        log,
        times.map((timestamp) => record(topic, 'x', { timestamp })),
      );
      expect((await readAll(reader, topic)).map(({ timestamp }) => timestamp)).toEqual(times);
    });

    it('lie in the partition that was named, which must exist', async () => {
      const topic = await makeTopic(log, { partitions: 3 });
      await write(
        log,
        [2, 0, 2, 1].map((partition, i) => record(topic, `${i}`, { partition })),
      );
      expect(await Promise.all([0, 1, 2].map(async (p) => texts(await readAll(reader, topic, p))))).toEqual([
        ['1'],
        ['3'],
        ['0', '2'],
      ]);
      expect(await codeOf(write(log, [record(topic, 'x', { partition: 3 })]))).toBeDefined();
    });

    it('may be as large as their topic allows; a larger one spoils the whole transaction', async () => {
      const maxRecordBytes = 3_000_000;
      const topic = await makeTopic(log, { maxRecordBytes });
      const large = Buffer.alloc(maxRecordBytes, 'clickproof ');
      for (let i = 0; i < large.length; i += 97) large[i] = (i * 31) & 0xff;
      const small = record(topic, 'small');
      await write(log, [small, { ...small, value: large }, small]);
      const before = await readAll(reader, topic);
      expect(before.map(({ value }) => value!.length)).toEqual([5, maxRecordBytes, 5]);
      expect(before[1]!.value!.equals(large)).toBe(true);

      const producer = await log.claim(fresh('id'));
      const tooLarge = { ...small, value: Buffer.alloc(maxRecordBytes + 1) };
      expect(await codeOf(producer.commit({ records: [small, tooLarge] }))).toBe('RECORD_TOO_LARGE');
      await producer.close();
      expect(await readAll(reader, topic)).toHaveLength(3);
    });

    it('may have a key as long as the pipeline makes them beside the largest value, and longer ones beside small values', async () => {
      const maxRecordBytes = 50_000;
      const topic = await makeTopic(log, { maxRecordBytes });
      const keys = [MAX_KEY_BYTES, 40_000].map((length) => Buffer.alloc(length, 'k'));
      await write(log, [
        { ...record(topic, 'v'.repeat(maxRecordBytes)), key: keys[0]! },
        { ...record(topic, 'v'), key: keys[1]! },
      ]);
      expect((await readAll(reader, topic)).map(({ key }) => key)).toEqual(keys);
    });

    it('that are too large are named, whatever else is in the transaction', async () => {
      const [topic, small] = [await makeTopic(log), await makeTopic(log, { maxRecordBytes: 30_000 })];
      const producer = await log.claim(fresh('id'));
      const records = [record(topic, 'l'.repeat(90_000)), record(small, 's'.repeat(30_001))];
      const refused = await producer.commit({ records }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RecordTooLarge);
      expect(refused).toMatchObject({ code: 'RECORD_TOO_LARGE', topic: small, bytes: 30_001 });
      await producer.close();
    });

    it('can be many in one transaction', async () => {
      const topic = await makeTopic(log, { partitions: 2 });
      const values = Array.from({ length: 4_000 }, (_, i) => `${i} ${'x'.repeat(i % 1_500)}`);
      await write(
        log,
        values.map((value, i) => record(topic, value, { partition: i % 2 })),
      );
      for (const partition of [0, 1]) {
        expect(texts(await readAll(reader, topic, partition))).toEqual(
          values.filter((_, i) => i % 2 === partition),
        );
      }
    });
  });

  describe('reading', () => {
    let log: EventLog;
    beforeAll(async () => {
      log = await make().open();
    });

    it('begins at any offset and ends before `to`', async () => {
      const topic = await makeTopic(log);
      await write(
        log,
        Array.from({ length: 30 }, (_, i) => record(topic, `${i}`)),
      );
      const all = await readAll(log, topic);
      for (const [from, to] of [
        [0, 30],
        [7, 9],
        [29, 30],
        [12, 12],
      ] as const) {
        const part = await readFrom(log, topic, 0, all[from]?.offset ?? 0, all[to]?.offset);
        expect(texts(part)).toEqual(texts(all.slice(from, to)));
      }
      const { end } = (await log.ends(topic))[0]!;
      expect(await readFrom(log, topic, 0, end)).toEqual([]);
      expect(end).toBeGreaterThan(all.at(-1)!.offset);
    });

    it('ends where the end was when it began', async () => {
      const topic = await makeTopic(log);
      await write(log, [record(topic, 'before')]);
      const seen: (string | null)[] = [];
      for await (const batch of log.read({
        topic,
        partition: 0,
        offset: (await log.ends(topic))[0]!.start,
      })) {
        seen.push(...texts(batch.records));
        await write(log, [record(topic, 'after')]);
      }
      expect(seen).toEqual(['before']);
    });

    it('refuses offsets outside of the log, and never moves them', async () => {
      const topic = await makeTopic(log);
      await write(log, [record(topic, 'x')]);
      const { end } = (await log.ends(topic))[0]!;
      expect(await codeOf(readFrom(log, topic, 0, end + 1))).toBe('OFFSET_OUT_OF_RANGE');
      expect(await codeOf(readFrom(log, topic, 0, -1))).toBe('OFFSET_OUT_OF_RANGE');
    });

    it('is not disturbed by a reader that stops half-way', async () => {
      const topic = await makeTopic(log);
      await write(
        log,
        Array.from({ length: 3_000 }, (_, i) => record(topic, `${i}`)),
      );
      for await (const batch of log.read({
        topic,
        partition: 0,
        offset: (await log.ends(topic))[0]!.start,
      })) {
        expect(batch.records.length).toBeGreaterThan(0);
        break;
      }
      expect(await readAll(log, topic)).toHaveLength(3_000);
    });
  });

  it('holds what a list of lists holds, whatever is written by whom (model)', async () => {
    const logs = [await make().open(), await make().open()];
    const topics = await Promise.all(
      [0, 1].map(() => makeTopic(logs[0]!, { partitions: 2, maxRecordBytes: 50 })),
    );
    const outRecord = fc.record({
      topic: fc.constantFrom(...topics),
      partition: fc.nat(1),
      key: fc.option(fc.uint8Array({ maxLength: 6 }).map(Buffer.from)),
      value: fc.uint8Array({ maxLength: 51 }).map(Buffer.from),
      timestamp: fc.integer({ min: 0, max: 2 ** 42 }),
    });
    const step = fc.oneof(
      fc.record({ act: fc.constant('claim' as const), log: fc.nat(1), id: fc.nat(1) }),
      fc.record({
        act: fc.constant('commit' as const),
        producer: fc.nat(20),
        records: fc.array(outRecord, { maxLength: 8 }),
        offset: fc.option(fc.nat(1_000)),
      }),
    );
    const model = new Map<string, string[]>();
    const committed: (number | null)[] = [null, null];
    const text = (r: { key: Buffer | null; value: Buffer | null; timestamp: number }) =>
      `${r.key?.toString('hex') ?? null} ${r.value!.toString('hex')} ${r.timestamp}`;
    const group = fresh('group');

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const ids = [fresh('id'), fresh('id')];
        const producers: { id: number; alive: boolean; commit: (typeof claimed)['commit'] }[] = [];
        let claimed = await logs[0]!.claim(fresh('id'));
        for (const one of steps) {
          if (one.act === 'claim') {
            claimed = await logs[one.log]!.claim(ids[one.id]!);
            for (const producer of producers) if (producer.id === one.id) producer.alive = false;
            producers.push({ id: one.id, alive: true, commit: claimed.commit.bind(claimed) });
            continue;
          }
          const producer = producers[one.producer % Math.max(1, producers.length)];
          if (producer === undefined) continue;
          const offsets =
            one.offset === null
              ? {}
              : {
                  offsets: {
                    group,
                    topic: topics[0]!,
                    offsets: [{ partition: one.offset % 2, offset: one.offset }],
                  },
                };
          const result = await codeOf(producer.commit({ records: one.records, ...offsets }));
          if (producer.alive && one.records.every(({ value }) => value.length <= 50)) {
            expect(result).toBeUndefined();
            for (const r of one.records) {
              const place = `${r.topic} ${r.partition}`;
              model.set(place, [...(model.get(place) ?? []), text(r)]);
            }
            if (one.offset !== null) committed[one.offset % 2] = one.offset;
          } else {
            // Where there is nothing to write nobody need be asked whether it may be written.
            if (one.records.length > 0 || one.offset !== null) expect(result).toBeDefined();
            producer.alive = false;
          }
        }
        for (const topic of topics) {
          for (const partition of [0, 1]) {
            const seen = await readAll(logs[1]!, topic, partition);
            expect(seen.map(text)).toEqual(model.get(`${topic} ${partition}`) ?? []);
            const middle = seen[Math.floor(seen.length / 2)];
            if (middle === undefined) continue;
            const rest = await readFrom(logs[0]!, topic, partition, middle.offset);
            expect(rest).toHaveLength(seen.length - Math.floor(seen.length / 2));
          }
        }
        expect(await logs[0]!.committed(group, topics[0]!)).toEqual(committed);
      }),
      { numRuns: 40 },
    );
  });
}
