import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { codeOf, readAll, write } from '../contract/fixture.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { openForTest, out, TOPIC, temporaryPath } from './temporary.contract.ts';
import { WriteQueue } from './write-queue.ts';

function makeQueue(busyTimeoutMs = 5_000) {
  const path = temporaryPath();
  const db = new DatabaseSync(path, { timeout: 1 });
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)');
  onTestFinished(() => db.close());
  const commits: number[] = [];
  const queue = new WriteQueue(db, {
    path,
    fsync: false,
    busyTimeoutMs,
    committed: (bytes) => commits.push(bytes),
  });
  const insert = (n: number) => () => db.prepare('INSERT INTO t VALUES (?)').run(n);
  const rows = () =>
    db
      .prepare('SELECT n FROM t ORDER BY n')
      .all()
      .map((row) => row.n);
  return { path, queue, commits, insert, rows };
}

/** Another process's transaction that does not end. */
function holdLock(path: string): DatabaseSync {
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  onTestFinished(() => {
    if (other.isOpen) other.close();
  });
  return other;
}

it('commits jobs that wait together in one transaction, each for itself', async () => {
  const { queue, commits, insert, rows } = makeQueue();
  const results = await Promise.allSettled([
    queue.run(insert(1), 10),
    queue.run(() => {
      insert(2)();
      throw new Error('second thoughts');
    }, 20),
    queue.run(insert(3), 30),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(rows()).toEqual([1, 3]);
  expect(commits).toHaveLength(1);
});

it('writes nothing of a group in which the storage failed, and goes on', async () => {
  const { queue, insert, rows } = makeQueue();
  const broken = queue.run(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
  });
  const codes = await Promise.all([codeOf(queue.run(insert(1))), codeOf(broken)]);
  expect(codes).toEqual(['LOG_FAILED', 'LOG_FAILED']);
  await queue.run(insert(2));
  expect(rows()).toEqual([2]);
});

it('waits for the lock of another without blocking the event loop', async () => {
  const { path, queue, insert, rows } = makeQueue();
  const other = holdLock(path);
  const waiting = queue.run(insert(1));
  // These could not end if the loop were blocked until the time-out.
  for (let i = 0; i < 10; i++) await delay(2);
  expect(rows()).toEqual([]);
  other.exec('COMMIT');
  await waiting;
  expect(rows()).toEqual([1]);
});

it('gives up after a while, says what to do, and works again when the lock is free', async () => {
  const { path, queue, insert, rows } = makeQueue(60);
  const other = holdLock(path);
  await expect(queue.run(insert(1))).rejects.toMatchObject({ code: 'LOG_BUSY', remedy: expect.any(String) });
  other.exec('COMMIT');
  await queue.run(insert(2));
  expect(rows()).toEqual([2]);
});

it('finishes what it has when it is closed, and takes no more', async () => {
  const { queue, insert, rows } = makeQueue();
  const last = queue.run(insert(1));
  await queue.close();
  await last;
  expect(await codeOf(queue.run(insert(2)))).toBe('LOG_CLOSED');
  expect(rows()).toEqual([1]);
});

it('a log that may not grow refuses with LOG_FULL, keeps what it has, and goes on after retention', async () => {
  const path = temporaryPath();
  const roomy = openEmbeddedLog({ path });
  await roomy.ensureTopics([{ ...TOPIC, retentionMs: 3_600_000 }]);
  await roomy.close();
  const log = openForTest({ path, maxBytes: 4_000_000, sweepIntervalMs: 50 });
  const noise = () => Buffer.from(Array.from({ length: 100_000 }, () => Math.random() * 256));
  let written = 0;
  let failure: unknown;
  while (failure === undefined) {
    const producer = await log.claim('id');
    failure = await codeOf(
      producer.commit({
        records: [out(noise()), out(noise())],
        offsets: { group: 'group', topic: 'topic', offsets: [{ partition: 0, offset: written + 2 }] },
      }),
    );
    if (failure === undefined) written += 2;
  }
  expect(failure).toBe('LOG_FULL');
  expect(written).toBeGreaterThan(10);
  expect(await log.committed('group', 'topic')).toEqual([written]);
  expect(await readAll(log, 'topic')).toHaveLength(written);
});

it('a full log has room again when retention has removed something', async () => {
  const log = openForTest({ path: temporaryPath(), maxBytes: 3_000_000, sweepIntervalMs: 20 });
  await log.ensureTopics([{ ...TOPIC, retentionMs: 3_600_000 }]);
  const old = { timestamp: Date.now() - 7_200_000 };
  for (let i = 0; i < 60; i++) {
    const noise = Buffer.from(Array.from({ length: 200_000 }, () => Math.random() * 256));
    for (;;) {
      const code = await codeOf(write(log, [out(noise, old)]));
      if (code === undefined) break;
      expect(code).toBe('LOG_FULL');
      await delay(20);
    }
  }
  expect((await log.ends('topic'))[0]!.end).toBe(60);
});
