import { spawnSync } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import { handlerOf } from '../contract/fixture.contract.ts';
import type { EventLog } from '../port.ts';
import { monotonicMs } from './monotonic.ts';
import { openForTest, TOPIC, temporaryPath } from './temporary.contract.ts';

const HOUR = 3_600_000;

/** A member that nobody keeps alive, with a session of an hour: only what is tested can remove it. */
async function leaveBehind(
  path: string,
  log: EventLog,
  change: Record<string, number | string>,
): Promise<void> {
  const first = log.consume({
    group: 'group',
    topic: 'topic',
    handler: () => handlerOf(log, 'group', () => {}),
  });
  await eventually(() => expect(first.assignment()).toHaveLength(2));
  await first.stop();
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  const ghost = { heartbeat: monotonicMs(), pid: process.pid, session_ms: HOUR, ...change };
  db.prepare(
    `INSERT INTO members (group_name, topic_id, member, heartbeat, session_ms, host, pid)
     VALUES ('group', 1, 'ghost', ?, ?, ?, ?)`,
  ).run(ghost.heartbeat, ghost.session_ms, hostOf(db), ghost.pid);
  db.exec("UPDATE owners SET member = 'ghost'; UPDATE generations SET generation = generation + 1");
}

/** The host that this process writes into its own rows. */
function hostOf(db: DatabaseSync): string {
  return String(db.prepare('SELECT host FROM seen_host').get()!.host);
}

async function setUp() {
  const path = temporaryPath();
  const log = openForTest({ path, heartbeatMs: 50 });
  await log.ensureTopics([{ ...TOPIC, partitions: 2 }]);
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE seen_host (host TEXT);
    CREATE TRIGGER see AFTER INSERT ON members BEGIN INSERT INTO seen_host VALUES (new.host); END`);
  db.close();
  return { path, log };
}

function deadProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

it.each([
  ['whose process is gone', () => ({ pid: deadProcess() })],
  ['whose heartbeat is of another boot', () => ({ heartbeat: monotonicMs() + 100 * HOUR })],
  ['whose session has timed out', () => ({ heartbeat: monotonicMs() - 2 * HOUR })],
])('a member %s loses its partitions at once', async (_, change) => {
  const { path, log } = await setUp();
  await leaveBehind(path, log, change());
  const consumer = log.consume({
    group: 'group',
    topic: 'topic',
    handler: () => handlerOf(log, 'group', () => {}),
  });
  await eventually(() => expect(consumer.assignment()).toEqual([0, 1]));
});

it('a member that lives keeps its share', async () => {
  const { path, log } = await setUp();
  await leaveBehind(path, log, {});
  log.consume({
    group: 'group',
    topic: 'topic',
    handler: () => handlerOf(log, 'group', () => {}),
  });
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  await eventually(() => {
    const members = db.prepare('SELECT member FROM members ORDER BY id').all();
    expect(members).toHaveLength(2);
    expect(members[0]!.member).toBe('ghost');
  });
});
