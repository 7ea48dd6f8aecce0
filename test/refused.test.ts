import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { DEFAULT_SIZE_LIMITS } from '../pipeline/contracts/access-log.ts';
import { eventually } from '../pipeline/contracts/testing/eventually.ts';
import { pipelineTopics } from '../pipeline/contracts/topic-specs.ts';
import { DEFAULT_TOPICS } from '../pipeline/contracts/topics.ts';
import { openEmbeddedLog } from '../pipeline/log/index.ts';
import { accessLine } from './support/access-log.ts';
import { Clickproof, clickproof, startRole, temporaryDirectory } from './support/clickproof.ts';
import { topicCounts } from './support/topics.ts';

const HERE = ['--data-dir', '.', '--partitions', '1', '--retention', '1h'];

/** A data directory with some lines shipped, and everything that the named stages make of them. */
async function shipped(cwd: string, lines: number, stages: readonly string[], last: string): Promise<void> {
  writeFileSync(join(cwd, 'by-hand.log'), Array.from({ length: lines }, () => `${accessLine()}\n`).join(''));
  expect(await clickproof(['shipper', '--id', 'a', '--from', 'by-hand.log', ...HERE], { cwd })).toMatchObject(
    { code: 0 },
  );
  const worker = await startRole(['worker', ...stages, ...HERE], { cwd });
  await eventually(async () => expect(await topicCounts(cwd, [last])).toEqual([lines]));
  expect(await worker.stop()).toMatchObject({ code: 0 });
}

test('an event log made anew beside profiles of the old one: the persister refuses to guess', async () => {
  const cwd = temporaryDirectory();
  await shipped(cwd, 3, ['parser', 'flattener', 'persister'], 'tracking_persisted');
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(cwd, `events.db${suffix}`), { force: true });
  const { code, stderr } = await clickproof(['worker', 'persister', ...HERE], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\nclickproof: tracking_flattened\/0: .*they belong to another log\n {2}use the profile store that goes with this log, or an empty one.*\n$/,
  );
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('records removed before they were read: refused with the range, until the loss is accepted', async () => {
  const cwd = temporaryDirectory();
  const parser = ['worker', 'parser', ...HERE];
  const now = Date.now();
  const twoHoursAgo = now - 7_200_000;
  await appendLines(cwd, [twoHoursAgo, twoHoursAgo]);
  const first = await startRole(parser, { cwd });
  await eventually(async () => expect(await topicCounts(cwd, ['tracking_processed'])).toEqual([2]));
  await first.stop();
  // Nobody was there to read these within the hour that they were kept.
  await appendLines(cwd, [twoHoursAgo, twoHoursAgo, twoHoursAgo, now], 5);

  const { code, stderr } = await clickproof(parser, { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain('the log begins at 5: offsets 2 to 4 are lost\n  start with --accept-loss');

  const accepting = await startRole([...parser, '--accept-loss'], { cwd });
  // What came of the first two was as old as they were.
  await eventually(async () => expect(await topicCounts(cwd, ['tracking_processed'])).toEqual([1]));
  expect(accepting.stderr).toContain('offsets 2 to 4 are lost');
  expect(await accepting.stop()).toMatchObject({ code: 0 });
});

/** Writes lines of the given times to the raw topic and waits until what is too old has been removed up to `start`. */
async function appendLines(cwd: string, times: readonly number[], start = 0): Promise<void> {
  const log = openEmbeddedLog({ path: join(cwd, 'events.db'), ...(start > 0 && { sweepIntervalMs: 20 }) });
  await log.ensureTopics(
    pipelineTopics(DEFAULT_TOPICS, { partitions: 1, limits: DEFAULT_SIZE_LIMITS, retentionMs: 3_600_000 }),
  );
  const producer = await log.claim('test');
  for (const timestamp of times) {
    const record = {
      topic: 'tracking_raw',
      partition: 0,
      key: null,
      value: Buffer.from(accessLine()),
      timestamp,
    };
    await producer.commit({ records: [record] });
  }
  await eventually(async () => expect((await log.ends('tracking_raw'))[0]).toMatchObject({ start }));
  await producer.close();
  await log.close();
}

test('profile rules that were changed: refused, or folded anew on demand', async () => {
  const cwd = temporaryDirectory();
  await shipped(cwd, 3, ['parser', 'flattener', 'persister'], 'tracking_persisted');
  writeFileSync(
    join(cwd, 'rules.yaml'),
    'persister:\n  profileRules:\n    - {name: last_page, field: event-page_url, keep: last}\n',
  );
  const persister = ['worker', 'persister', '--config', 'rules.yaml', ...HERE];
  const { code, stderr } = await clickproof(persister, { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/clickproof: .*rules/);
  expect(stderr).toContain('--on-rules-changed rebuild');
  const rebuilding = await startRole([...persister, '--on-rules-changed', 'rebuild'], { cwd });
  expect(await rebuilding.stop()).toMatchObject({ code: 0 });
});

test('an event log that another program locks: the worker says so, waits, and goes on', async () => {
  const cwd = temporaryDirectory();
  const worker = await startRole(['worker', 'parser', ...HERE], { cwd });
  const db = new DatabaseSync(join(cwd, 'events.db'), { timeout: 10_000 });
  db.exec('BEGIN IMMEDIATE');
  await worker.says(/locked by another process for too long.*remedy="end the process that holds it/);
  db.exec('ROLLBACK');
  db.close();
  await shipped(cwd, 1, ['parser'], 'tracking_processed');
  expect(await worker.stop()).toMatchObject({ code: 0 });
});

test('a ClickHouse that is not there: the sink waits for it, and says what it waits for', async () => {
  const sink = new Clickproof([
    'worker',
    'clickhouse-sink',
    '--clickhouse-url',
    'http://127.0.0.1:9',
    '--sink-connect-timeout',
    '2s',
    '--data-dir',
    '.',
  ]);
  const { code, stderr } = await sink.ended();
  expect(code).toBe(2);
  expect(stderr).toContain('waits for ClickHouse at=http://127.0.0.1:9');
  expect(stderr).toMatch(/clickproof: .*127\.0\.0\.1:9.*\n {2}\S/);
  expect(stderr).not.toMatch(/\n\s+at /);
});
