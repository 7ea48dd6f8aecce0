import { describe, expect, it } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import type { EventLog } from '../port.ts';
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

const HOUR = 3_600_000;

export function describeRetention(make: Maker): void {
  describe('retention', () => {
    it('by time removes the oldest records, moves the start, and answers below it OFFSET_OUT_OF_RANGE', async () => {
      const log = await make().open();
      const topic = await makeTopic(log, { partitions: 2, retentionMs: HOUR });
      const old = { timestamp: Date.now() - 2 * HOUR };
      await write(log, [record(topic, 'other partition', { partition: 1 })]);
      const written = ['old 0', 'old 1', 'old 2', 'new', 'behind a record that is kept'];
      for (const value of written) await write(log, [record(topic, value, value === 'new' ? {} : old)]);
      await moved(log, topic, 0);
      // Records are removed together as they are stored together, so that some may outlive their time.
      const left = texts(await eventually(() => readAll(log, topic)));
      expect(left).toEqual(written.slice(-left.length));
      expect(left).toContain('new');
      expect(texts(await readAll(log, topic, 1))).toEqual(['other partition']);
      const { start } = (await log.ends(topic))[0]!;
      expect(await codeOf(readFrom(log, topic, 0, start - 1))).toBe('OFFSET_OUT_OF_RANGE');
    });

    it('may remove everything; offsets go on', async () => {
      const log = await make().open();
      const topic = await makeTopic(log, { retentionMs: HOUR });
      await write(log, [record(topic, 'old', { timestamp: Date.now() - 2 * HOUR })]);
      const { end } = (await log.ends(topic))[0]!;
      // Markers are not records: on Kafka they stay for as long as if they were new ones.
      await eventually(async () => expect(await readAll(log, topic)).toEqual([]));
      await write(log, [record(topic, 'new')]);
      const [only] = await readAll(log, topic);
      expect(only!.value!.toString()).toBe('new');
      expect(only!.offset).toBeGreaterThanOrEqual(end);
    });

    it('by bytes keeps at least so many of the newest', async () => {
      const log = await make().open();
      const retentionBytes = 200_000;
      const topic = await makeTopic(log, { retentionBytes });
      // Nothing that could be compressed.
      const noise = () =>
        Array.from({ length: 10_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('');
      const values = Array.from({ length: 100 }, noise);
      for (let i = 0; i < values.length; i += 5) {
        await write(
          log,
          values.slice(i, i + 5).map((value) => record(topic, value)),
        );
      }
      await moved(log, topic, 0);
      // It may go on removing while this reads.
      const left = texts(await eventually(() => readAll(log, topic)));
      expect(left).toEqual(values.slice(-left.length));
      expect(left.length * 10_000).toBeGreaterThanOrEqual(retentionBytes);
    });

    it('that overtakes a consumer is told, not skipped', async () => {
      const log = await make().open();
      const topic = await makeTopic(log, { retentionMs: HOUR });
      const group = fresh('group');
      await write(log, [record(topic, 'old', { timestamp: Date.now() - 2 * HOUR })]);
      await moved(log, topic, 0);
      await write(log, [record(topic, 'new')]);
      const codes: unknown[] = [];
      const seen: unknown[] = [];
      let position = 0;
      const consumer = log.consume({
        group,
        topic,
        onError: (error) => codes.push((error as { code: unknown }).code),
        handler: () => ({
          async claim() {
            if (codes.length > 0) position = (await log.ends(topic))[0]!.start;
            return position;
          },
          process: async ({ records }) => void seen.push(...texts(records)),
        }),
      });
      await eventually(() => expect(seen).toEqual(['new']));
      expect(codes).toEqual(['OFFSET_OUT_OF_RANGE']);
      await consumer.stop();
    });
  });

  it('compaction keeps the newest record of each key, in order, and readers at any offset', async () => {
    const log = await make().open();
    const topic = await makeTopic(log, { cleanup: 'compact' });
    const keys = 7;
    const total = 2_400;
    const { start } = (await log.ends(topic))[0]!;
    const producer = await log.claim(fresh('id'));
    for (let i = 0; i < total; i += 40) {
      await producer.commit({
        records: Array.from({ length: 40 }, (_, k) =>
          record(topic, `${i + k}`, { key: Buffer.from([0, (i + k) % keys]) }),
        ),
      });
    }
    const left = await eventually(async () => {
      const records = await readFrom(log, topic, 0, start);
      expect(records.length).toBeLessThan(total);
      return records;
    });
    const newest = new Map(left.map(({ key, value }) => [key!.toString('hex'), value!.toString()]));
    expect([...newest.values()].map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: keys }, (_, i) => total - keys + i),
    );
    for (const { offset } of left.slice(0, 20)) {
      expect((await readFrom(log, topic, 0, offset))[0]!.offset).toBeGreaterThanOrEqual(offset);
    }
  });

  it('a compacted topic takes no record without a key', async () => {
    const log = await make().open();
    const topic = await makeTopic(log, { cleanup: 'compact' });
    expect(await codeOf(write(log, [record(topic, 'x')]))).toBeDefined();
    await write(log, [record(topic, '', { key: Buffer.from('k'), value: null })]);
    expect((await readAll(log, topic)).map(({ value }) => value)).toEqual([null]);
  });
}

async function moved(log: EventLog, topic: string, start: number): Promise<void> {
  await eventually(async () => expect((await log.ends(topic))[0]!.start).toBeGreaterThan(start));
}
