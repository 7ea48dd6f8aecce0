import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import { readAll, write } from '../contract/fixture.contract.ts';
import { monotonicMs } from './monotonic.ts';
import { openForTest, out, TOPIC, temporaryPath } from './temporary.contract.ts';

const noise = (size: number) => Buffer.from(Array.from({ length: size }, () => Math.random() * 256));

function inspect(path: string) {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

it('gives space back to the file system when most of it is free', async () => {
  const path = temporaryPath();
  const log = openForTest({ path, sweepIntervalMs: 50 });
  await log.ensureTopics([{ ...TOPIC, retentionMs: 3_600_000 }]);
  const block = noise(1_000_000);
  const old = { timestamp: Date.now() - 7_200_000 };
  const records = Array.from({ length: 45 }, () => out(block, old));
  await write(log, records.slice(0, 30));
  await write(log, records.slice(30));
  await write(log, [out('kept')]);
  await eventually(() => expect(statSync(path).size).toBeGreaterThan(30_000_000));
  const db = inspect(path);
  await eventually(() => {
    const pages = Number(Object.values(db.prepare('PRAGMA page_count').get()!)[0]);
    expect(pages * 8_192).toBeLessThan(36_000_000);
  });
  await eventually(async () => {
    expect((await readAll(log, 'topic')).map(({ value }) => String(value))).toEqual(['kept']);
  });
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
});

it('keeps account of the bytes of each partition through appends, retention and compaction', async () => {
  const path = temporaryPath();
  const log = openForTest({ path, sweepIntervalMs: 30 });
  await log.ensureTopics([
    { ...TOPIC, retentionBytes: 100_000 },
    { ...TOPIC, name: 'state', cleanup: 'compact' },
  ]);
  for (let i = 0; i < 30; i++) {
    await write(log, [
      out(noise(10_000)),
      ...Array.from({ length: 50 }, (_, k) => out(`${i} ${k}`, { topic: 'state', key: Buffer.from(`${k}`) })),
    ]);
  }
  const db = inspect(path);
  await eventually(async () => {
    expect((await log.ends('topic'))[0]!.start).toBeGreaterThan(10);
    expect(await readAll(log, 'state')).toHaveLength(50);
  });
  const sums = db
    .prepare(
      `SELECT p.bytes, (SELECT sum(length(body)) FROM batches b WHERE b.partition_id = p.id) AS stored FROM partitions p`,
    )
    .all();
  expect(sums).toHaveLength(2);
  for (const { bytes, stored } of sums) expect(bytes).toBe(stored);
});

it('compacts away keys whose deletion is a day old, and keeps younger tombstones', async () => {
  const path = temporaryPath();
  const log = openForTest({ path, sweepIntervalMs: 30 });
  await log.ensureTopics([{ ...TOPIC, cleanup: 'compact' }]);
  const key = (name: string) => ({ key: Buffer.from(name) });
  const twoDaysAgo = Date.now() - 2 * 86_400_000;
  await write(log, [
    out('x', { ...key('old'), timestamp: twoDaysAgo }),
    out('x', { ...key('young'), timestamp: twoDaysAgo }),
    out('', { ...key('old'), value: null, timestamp: twoDaysAgo }),
    out('', { ...key('young'), value: null }),
    ...Array.from({ length: 1_000 }, () => out('y', key('other'))),
  ]);
  await eventually(async () => {
    const left = await readAll(log, 'topic');
    expect(left.map((record) => [String(record.key), record.value && String(record.value)])).toEqual([
      ['young', null],
      ['other', 'y'],
    ]);
  });
});

it('is done by one of several instances at a time, also after a reboot', async () => {
  const path = temporaryPath();
  const logs = [0, 1, 2].map(() => openForTest({ path, sweepIntervalMs: 60_000 }));
  for (const log of logs) await log.ensureTopics([TOPIC]);
  const db = inspect(path);
  // As a machine that ran for long before its reboot leaves it.
  db.prepare("INSERT INTO tasks (name, taken_at) VALUES ('sweep', ?)").run(monotonicMs() + 10_000_000);
  const eager = openForTest({ path, sweepIntervalMs: 20 });
  await eager.ensureTopics([TOPIC]);
  await eventually(() => {
    const { taken_at } = db.prepare('SELECT taken_at FROM tasks').get() as { taken_at: number };
    expect(taken_at).toBeLessThanOrEqual(monotonicMs());
  });
});
