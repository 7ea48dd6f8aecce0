import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import { lagBetween } from '../lag.ts';
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

export function describeTransactions(make: Maker): void {
  describe('a transaction', () => {
    let log: EventLog;
    let other: EventLog;
    beforeAll(async () => {
      log = await make().open();
      other = await make().open();
    });

    it('writes records of several topics and the offsets', async () => {
      const [input, first, second] = [
        await makeTopic(log, { partitions: 3 }),
        await makeTopic(log),
        await makeTopic(log),
      ];
      const group = fresh('group');
      const producer = await log.claim(fresh('id'));
      await producer.commit({
        records: [record(first, 'a'), record(second, 'b'), record(first, 'c')],
        offsets: {
          group,
          topic: input,
          offsets: [
            { partition: 0, offset: 7 },
            { partition: 2, offset: 9 },
          ],
        },
      });
      expect(texts(await readAll(other, first))).toEqual(['a', 'c']);
      expect(texts(await readAll(other, second))).toEqual(['b']);
      expect(await other.committed(group, input)).toEqual([7, null, 9]);
    });

    it('may have offsets only, records only, or nothing', async () => {
      const topic = await makeTopic(log);
      const group = fresh('group');
      const producer = await log.claim(fresh('id'));
      await producer.commit({
        records: [],
        offsets: { group, topic, offsets: [{ partition: 0, offset: 3 }] },
      });
      await producer.commit({ records: [] });
      await producer.commit({ records: [record(topic, 'x')] });
      expect(await other.committed(group, topic)).toEqual([3]);
      expect(texts(await readAll(other, topic))).toEqual(['x']);
    });

    it('is never seen in part', async () => {
      const [left, right] = [await makeTopic(log), await makeTopic(log)];
      const group = fresh('group');
      const producer = await log.claim(fresh('id'));
      let finished = false;
      const writing = (async () => {
        for (let i = 1; i <= 60; i++) {
          await producer.commit({
            records: [record(left, `${i}`), record(right, `${i}`), record(left, `${i}`)],
            offsets: { group, topic: left, offsets: [{ partition: 0, offset: i }] },
          });
        }
      })().finally(() => {
        finished = true;
      });
      while (!finished) {
        await new Promise(setImmediate);
        // Whole in each partition, but not in all at the same moment: what one of them shows, the others show soon after.
        const atLeast = async (topic: string, records: number) =>
          eventually(async () => {
            const seen = await readAll(other, topic);
            expect(seen.length).toBeGreaterThanOrEqual(records);
            return seen.length;
          });
        const offset = (await other.committed(group, left))[0] ?? 0;
        const seenRight = await atLeast(right, offset);
        const seenLeft = await atLeast(left, 2 * seenRight);
        expect(seenLeft % 2).toBe(0);
      }
      await writing;
    });

    it('that fails leaves neither records nor offsets, and its producer is of no more use', async () => {
      const [topic, small] = [await makeTopic(log), await makeTopic(log, { maxRecordBytes: 3 })];
      const group = fresh('group');
      const producer = await log.claim(fresh('id'));
      const failing = producer.commit({
        records: [record(topic, 'fine'), record(small, 'too long')],
        offsets: { group, topic, offsets: [{ partition: 0, offset: 1 }] },
      });
      expect(await codeOf(failing)).toBe('RECORD_TOO_LARGE');
      expect(await codeOf(producer.commit({ records: [record(topic, 'again')] }))).toBeDefined();
      await producer.close();
      expect(await readAll(other, topic)).toEqual([]);
      expect(await other.committed(group, topic)).toEqual([null]);
    });

    it('leave it nought from an offset to another exactly where nothing is to be read between them', async () => {
      const topic = await makeTopic(log);
      for (const values of [['a', 'b'], ['c'], ['d', 'e', 'f']]) {
        await write(
          log,
          values.map((value) => record(topic, value)),
        );
      }
      const { start, end } = (await log.ends(topic))[0]!;
      const offsets = Array.from({ length: end - start + 1 }, (_, i) => start + i);
      const ranges = offsets.flatMap((from) => offsets.map((to) => ({ topic, partition: 0, from, to })));
      // What an answer makes known must not spoil the next, in whatever order they are asked for.
      for (const range of [...ranges, ...ranges.toReversed()]) {
        const { from, to } = range;
        const between = from < to ? await readFrom(other, topic, 0, from, to) : [];
        const lag = await lagBetween(log, range);
        expect(lag > 0, `${from} to ${to}`).toBe(between.length > 0);
        expect(lag).toBeGreaterThanOrEqual(between.length);
      }
    });

    it('cannot be begun by a closed producer', async () => {
      const topic = await makeTopic(log);
      const producer = await log.claim(fresh('id'));
      await producer.close();
      await producer.close();
      expect(await codeOf(producer.commit({ records: [record(topic, 'x')] }))).toBeDefined();
      expect(await readAll(other, topic)).toEqual([]);
    });
  });

  describe('a claim', () => {
    let log: EventLog;
    let other: EventLog;
    beforeAll(async () => {
      log = await make().open();
      other = await make().open();
    });

    it('fences the predecessor, which can write neither records nor offsets', async () => {
      const topic = await makeTopic(log);
      const [id, group] = [fresh('id'), fresh('group')];
      const zombie = await log.claim(id);
      await zombie.commit({ records: [record(topic, 'old')] });
      const successor = await other.claim(id);
      expect(
        await codeOf(
          zombie.commit({
            records: [record(topic, 'zombie')],
            offsets: { group, topic, offsets: [{ partition: 0, offset: 99 }] },
          }),
        ),
      ).toBe('FENCED');
      expect(await codeOf(zombie.commit({ records: [] }))).toBeDefined();
      await successor.commit({ records: [record(topic, 'new')] });
      expect(texts(await readAll(log, topic))).toEqual(['old', 'new']);
      expect(await log.committed(group, topic)).toEqual([null]);
    });

    it('fences each of a row of predecessors, and nobody of another id', async () => {
      const topic = await makeTopic(log);
      const id = fresh('id');
      const bystander = await log.claim(fresh('id'));
      const row = [await log.claim(id), await other.claim(id), await log.claim(id), await other.claim(id)];
      for (const zombie of row.slice(0, -1)) {
        expect(await codeOf(zombie.commit({ records: [record(topic, 'zombie')] }))).toBe('FENCED');
      }
      await row.at(-1)!.commit({ records: [record(topic, 'living')] });
      await bystander.commit({ records: [record(topic, 'bystander')] });
      expect(texts(await readAll(log, topic))).toEqual(['living', 'bystander']);
    });

    it('makes an offset read after it final, though the predecessor commits at the same time', async () => {
      const topic = await makeTopic(log);
      const [id, group] = [fresh('id'), fresh('group')];
      for (let round = 1; round <= 20; round++) {
        const zombie = await log.claim(id);
        const racing = codeOf(
          zombie.commit({
            records: [record(topic, `${round}`)],
            offsets: { group, topic, offsets: [{ partition: 0, offset: round }] },
          }),
        );
        if (round % 3 > 0) await new Promise(setImmediate);
        await other.claim(id);
        const [offset] = await other.committed(group, topic);
        const outcome = await racing;
        expect([undefined, 'FENCED', 'OUTCOME_UNKNOWN']).toContain(outcome);
        expect(await other.committed(group, topic)).toEqual([offset]);
        if (outcome === undefined) expect(offset).toBe(round);
        if (outcome === 'FENCED') expect(offset).not.toBe(round);
      }
    });

    it('sees all that the predecessor committed', async () => {
      const topic = await makeTopic(log);
      const id = fresh('id');
      for (let i = 0; i < 20; i++) {
        const [mine, theirs] = i % 2 === 0 ? [log, other] : [other, log];
        const producer = await mine.claim(id);
        expect(await readAll(mine, topic)).toHaveLength(i);
        await producer.commit({ records: [record(topic, `${i}`)] });
        expect(await readAll(theirs, topic)).toHaveLength(i + 1);
      }
    });
  });

  it('tells the committed offsets of each group and topic apart', async () => {
    const log = await make().open();
    const [a, b] = [await makeTopic(log, { partitions: 2 }), await makeTopic(log, { partitions: 2 })];
    const [g, h] = [fresh('group'), fresh('group')];
    await write(log, [record(a, 'x')]);
    const producer = await log.claim(fresh('id'));
    const commit = (group: string, topic: string, partition: number, offset: number) =>
      producer.commit({ records: [], offsets: { group, topic, offsets: [{ partition, offset }] } });
    await commit(g, a, 0, 1);
    await commit(h, a, 1, 2);
    await commit(g, b, 1, 3);
    await commit(g, a, 0, 4);
    expect(await log.committed(g, a)).toEqual([4, null]);
    expect(await log.committed(h, a)).toEqual([null, 2]);
    expect(await log.committed(g, b)).toEqual([null, 3]);
    expect(await log.committed(h, b)).toEqual([null, null]);
  });
}
