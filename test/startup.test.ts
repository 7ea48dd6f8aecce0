import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clickproof, type Outcome, startRole, temporaryDirectory } from './support/clickproof.ts';

/** What a user reads when something cannot begin: the message, what to do about it, and nothing else. The exit code says that nothing was begun. */
function expectRefusal(outcome: Outcome, message: string | RegExp, remedy: string) {
  expect(outcome.code, outcome.stderr).toBe(2);
  expect(outcome.stdout).toBe('');
  const said = outcome.stderr.split('\n').slice(-3);
  expect(said[0]).toMatch(message);
  expect(said[0]).toMatch(/^clickproof: /);
  expect(said[1]).toContain(remedy);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
}

async function takenPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as { port: number }).port);
}

describe('a port that is taken', () => {
  test.each(['collector', 'clickhouse'])('%s', async (role) => {
    const port = await takenPort();
    const outcome = await clickproof([role, '--port', port, '--data-dir', 'data']);
    expectRefusal(outcome, `port ${port} on 127.0.0.1 is taken`, '--port');
  });
});

test('an access log that cannot be written', async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'tracking.log'));
  const outcome = await clickproof(['collector', '--port', '0', '--access-log', 'tracking.log'], { cwd });
  expectRefusal(outcome, 'the access log tracking.log cannot be written: EISDIR', '--access-log');
});

test('a data directory that is a file', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'data'), '');
  for (const role of [
    ['worker', 'parser'],
    ['shipper', '--id', 'a'],
  ]) {
    const outcome = await clickproof([...role, '--data-dir', 'data'], { cwd });
    expectRefusal(outcome, 'the data directory data cannot be made', '--data-dir');
  }
});

describe('a file that is no store of ours is refused and left as it is', () => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 251));

  test('an event log that is noise', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'events.db'), noise);
    const outcome = await clickproof(['worker', 'parser', '--data-dir', '.'], { cwd });
    expectRefusal(outcome, 'events.db is not an event log', '--data-dir');
    expect(readFileSync(join(cwd, 'events.db')).equals(noise)).toBe(true);
  });

  test("another program's database", async () => {
    const cwd = temporaryDirectory();
    const path = join(cwd, 'events.db');
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE bookmarks (url TEXT)');
    db.close();
    const before = readFileSync(path);
    const outcome = await clickproof(['shipper', '--id', 'a', '--data-dir', '.'], { cwd });
    expectRefusal(outcome, 'events.db is a database of another program', '--data-dir');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a profile store that is noise', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'profiles.db'), noise);
    const outcome = await clickproof(['worker', 'persister', '--data-dir', '.'], { cwd });
    expectRefusal(outcome, 'profiles.db is no profile store, or damaged', 'move the file away');
    expect(readFileSync(join(cwd, 'profiles.db')).equals(noise)).toBe(true);
  });
});

test('a damaged event log', async () => {
  const cwd = temporaryDirectory();
  const parser = await startRole(['worker', 'parser', '--data-dir', '.'], { cwd });
  await parser.stop();
  const path = join(cwd, 'events.db');
  const damaged = readFileSync(path);
  damaged.fill(0xa5, 4_096);
  writeFileSync(path, damaged);
  const outcome = await clickproof(['worker', 'parser', '--data-dir', '.'], { cwd });
  expectRefusal(outcome, 'the event log events.db is damaged', 'check the disk');
});

test('topics that were made with other settings', async () => {
  const cwd = temporaryDirectory();
  const parser = await startRole(['worker', 'parser', '--partitions', '2', '--data-dir', '.'], { cwd });
  await parser.stop();
  const outcome = await clickproof(['worker', 'parser', '--partitions', '3', '--data-dir', '.'], { cwd });
  expectRefusal(outcome, 'partitions is 2, wanted 3', 'use the settings it was made with');
});

test('ClickHouse data that another process holds', async () => {
  const cwd = temporaryDirectory();
  const first = await startRole(['clickhouse', '--port', '0', '--data-dir', '.'], { cwd });
  const outcome = await clickproof(['clickhouse', '--port', '0', '--data-dir', '.'], { cwd });
  expectRefusal(
    outcome,
    `process ${first.pid} already holds the ClickHouse data`,
    `stop process ${first.pid}`,
  );
  expect(await (await fetch(`${first.url}/?query=SELECT%201`)).text()).toBe('1\n');
  expect(await first.stop()).toMatchObject({ code: 0 });
});

test('a recording that is not there, and one that is no recording', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'letter.txt'), 'Dear reader,\n');
  for (const file of ['nothing.ndjson', 'letter.txt']) {
    const outcome = await clickproof(
      ['replay', file, '--target', 'http://127.0.0.1:9', '--out', `${file}-run`],
      { cwd },
    );
    expect(outcome.code, outcome.stderr).toBe(2);
    expect(outcome.stderr).toContain(file);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  }
});

test('a second collector on an access log', async () => {
  const cwd = temporaryDirectory();
  const first = await startRole(['collector', '--port', '0', '--data-dir', '.'], { cwd });
  const outcome = await clickproof(['collector', '--port', '0', '--data-dir', '.'], { cwd });
  expectRefusal(outcome, 'another collector writes the access log access/tracking.log', '--access-log');
  expect(await first.stop()).toMatchObject({ code: 0 });
});

test('a target where nobody listens: refused at once, nothing is sent and nothing left behind', async () => {
  const cwd = temporaryDirectory();
  const outcome = await clickproof(
    ['simulate', '--target', 'http://127.0.0.1:9', '--duration', '5m', '--out', 'run'],
    { cwd },
  );
  expectRefusal(outcome, 'there is nobody at http://127.0.0.1:9 (ECONNREFUSED)', 'start the collector');
  expect(existsSync(join(cwd, 'run'))).toBe(false);
});

test('a role that fails when it is at work: that is no mistake of the call', async () => {
  const cwd = temporaryDirectory();
  const shipper = ['shipper', '--id', 'a', '--data-dir', '.'];
  const first = await startRole(shipper, { cwd });
  const second = await startRole(shipper, { cwd });
  mkdirSync(join(cwd, 'access'), { recursive: true });
  writeFileSync(join(cwd, 'access', 'tracking.log'), '{}\n');
  const { code, stderr } = await first.ended();
  expect(code, stderr).toBe(1);
  expect(stderr).toContain('clickproof: another shipper has taken over the id "a"\n  let only one run');
  expect(await second.stop()).toMatchObject({ code: 0 });
});
