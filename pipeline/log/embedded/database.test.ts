import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { ClickproofError } from '../../contracts/errors.ts';
import { readAll, write } from '../contract/fixture.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { openForTest, out, TOPIC, temporaryPath } from './temporary.contract.ts';

function refusal(path: string): ClickproofError {
  try {
    void openEmbeddedLog({ path, busyTimeoutMs: 50 }).close();
  } catch (error) {
    expect(error).toBeInstanceOf(ClickproofError);
    return error as ClickproofError;
  }
  throw new Error('it was opened');
}

describe('the file', () => {
  it('is made with its directory, and taken as it is when it is there', async () => {
    const path = join(temporaryPath(), 'deeper', 'events.db');
    for (let i = 0; i < 2; i++) {
      const log = openEmbeddedLog({ path });
      await log.ensureTopics([TOPIC]);
      await write(log, [out(`${i}`)]);
      await log.close();
    }
    const log = openForTest({ path });
    expect((await readAll(log, 'topic')).map(({ value }) => String(value))).toEqual(['0', '1']);
  });

  it('may be empty', async () => {
    const path = temporaryPath();
    writeFileSync(path, '');
    await openForTest({ path }).ensureTopics([TOPIC]);
  });

  it('is made once when several processes start at once', async () => {
    const path = temporaryPath();
    const script = `
      const { openEmbeddedLog } = await import(${JSON.stringify(new URL('./embedded-log.ts', import.meta.url).href)});
      const log = openEmbeddedLog({ path: ${JSON.stringify(path)} });
      await log.ensureTopics([${JSON.stringify(TOPIC)}]);
      const producer = await log.claim(String(process.pid));
      await producer.commit({ records: [{ topic: 'topic', partition: 0, key: null, value: null, timestamp: 0 }] });
      await log.close();`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
    );
    const exits = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    expect(await readAll(openForTest({ path }), 'topic')).toHaveLength(4);
  });

  it('that is something else is refused and left alone', () => {
    const path = temporaryPath();
    writeFileSync(path, 'To whom it may concern: this is a letter. '.repeat(100));
    const before = readFileSync(path);
    expect(refusal(path)).toMatchObject({
      code: 'LOG_FOREIGN',
      remedy: expect.stringContaining('--data-dir'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('that is a database of another program is refused and left alone', () => {
    const path = temporaryPath();
    const foreign = new DatabaseSync(path);
    foreign.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1');
    foreign.close();
    const before = readFileSync(path);
    expect(refusal(path)).toMatchObject({
      code: 'LOG_FOREIGN',
      remedy: expect.stringContaining('--data-dir'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('of another version is refused by name', async () => {
    const path = temporaryPath();
    await openEmbeddedLog({ path }).close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const error = refusal(path);
    expect(error).toMatchObject({ code: 'LOG_VERSION', remedy: expect.stringContaining('--data-dir') });
    expect(error.message).toContain('99');
  });

  it('that cannot be made says so', () => {
    const path = temporaryPath();
    writeFileSync(path, 'a file, not a directory');
    expect(refusal(join(path, 'events.db'))).toMatchObject({
      code: 'LOG_UNWRITABLE',
      remedy: expect.stringContaining('--data-dir'),
    });
  });

  it.each([
    ['in the middle', 0.5],
    ['near its end', 0.97],
  ])('that was damaged %s is told, never read wrongly', async (_, place) => {
    const path = temporaryPath();
    const log = openEmbeddedLog({ path });
    await log.ensureTopics([TOPIC]);
    const values = Array.from({ length: 300 }, (_, i) => `${i} ${randomBytes(3_000).toString('hex')}`);
    for (const value of values) await write(log, [out(value)]);
    await log.close();

    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(2_000, 0x55), 0, 2_000, Math.floor(statSync(path).size * (place as number)));
    closeSync(file);
    const seen: string[] = [];
    let error: unknown;
    const damaged = openForTest({ path });
    try {
      for await (const batch of damaged.read({ topic: 'topic', partition: 0, offset: 0 })) {
        seen.push(...batch.records.map(({ value }) => String(value)));
      }
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'LOG_CORRUPT', remedy: expect.stringContaining('data directory') });
    expect(seen).toEqual(values.slice(0, seen.length));
  });

  it('that has lost records in the middle or at the end says so, and does not pass over them', async () => {
    for (const lost of [2, 4]) {
      const path = temporaryPath();
      const log = openForTest({ path });
      await log.ensureTopics([TOPIC]);
      for (let i = 0; i < 5; i++) await write(log, [out(`${i}`)]);
      const db = new DatabaseSync(path);
      db.prepare('DELETE FROM batches WHERE base_offset = ?').run(lost);
      db.close();
      await expect(readAll(log, 'topic')).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    }
  });

  it('closed is closed', async () => {
    const log = openEmbeddedLog({ path: temporaryPath() });
    await log.ensureTopics([TOPIC]);
    const producer = await log.claim('id');
    await Promise.all([log.close(), log.close()]);
    for (const attempt of [
      () => log.ends('topic'),
      () => log.claim('id'),
      () => producer.commit({ records: [] }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    }
  });
});
