import { unlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClickproofError } from '../contracts/errors.ts';
import { fnv1aPartition, MAX_KEY_BYTES } from '../contracts/partitioning.ts';
import type { EventLog, TransactionalProducer } from '../log/port.ts';
import { readState } from './state.ts';
import { shipped, TOPICS, until, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

type Commit = TransactionalProducer['commit'];

/** The event log with something done to its commits and claims: the fail point is the port. */
function faulty(log: EventLog, faults: { commit?: (real: Commit) => Commit; claim?: () => void }): EventLog {
  const wrapped = Object.create(log, {
    claim: {
      value: async (id: string) => {
        faults.claim?.();
        const real = await log.claim(id);
        const commit: Commit = (transaction) => real.commit(transaction);
        return {
          transactionalId: id,
          commit: faults.commit?.(commit) ?? commit,
          close: () => real.close(),
        } satisfies TransactionalProducer;
      },
    },
  });
  // Private fields are reached through the real one only.
  for (const name of ['ends', 'read', 'partitions'] as const) {
    Object.defineProperty(wrapped, name, { value: log[name].bind(log) });
  }
  return wrapped as EventLog;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

test('of two shippers of one id the later goes on and the earlier says why it stopped', async () => {
  world.append('a\n');
  const first = await world.start();
  await shipped(first, 1);
  const second = await world.start();
  world.append('b\n');
  await expect(first.done).rejects.toMatchObject({
    code: 'ANOTHER_SHIPPER',
    message: expect.stringContaining('"web"'),
  });
  world.append('c\n');
  await shipped(second, 2);
  expect(await world.messages()).toEqual(['a', 'b', 'c']);
});

test('two shippers of one id that start again and again never ship a line twice', async () => {
  const lines: string[] = [];
  for (let round = 0; round < 10; round++) {
    const starts = await Promise.allSettled([world.start(), world.start()]);
    for (let i = 0; i < 50; i++) {
      lines.push(`${round} ${i}`);
      world.append(`${round} ${i}\n`);
    }
    const alive = starts.filter((start) => start.status === 'fulfilled').map((start) => start.value);
    await until('all are there', async () => (await world.messages()).length >= lines.length);
    for (const shipper of alive) await shipper.stop();
  }
  expect(await world.messages()).toEqual(lines);
});

test('fenced by a time-out, with its own name still there, it claims again and goes on', async () => {
  let commits = 0;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      commits += 1;
      if (commits % 3 === 2) throw new ClickproofError('FENCED', 'taken for dead');
      await real(transaction);
    },
  });
  const lines = numbered(100);
  world.append(`${lines.join('\n')}\n`);
  const shipper = await world.start({ batchLines: 10 }, log);
  await shipped(shipper, 100);
  expect(await world.messages()).toEqual(lines);
  expect(commits).toBeGreaterThan(10);
});

test('fenced while it takes over, with no other name there, it takes over again', async () => {
  world.append('a\n');
  await shipped(await world.start(), 1);
  let commits = 0;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      commits += 1;
      // Somebody who was ending by itself claimed the id once more, or the log took this one for dead.
      if (commits === 1) await (await world.log.claim('shipper:web')).close();
      await real(transaction);
    },
  });
  const shipper = await world.start({}, log);
  world.append('b\n');
  await shipped(shipper, 1);
  expect(await world.messages()).toEqual(['a', 'b']);
});

test('fenced while it takes over by one whose name is there now, it says so', async () => {
  let second: Promise<unknown> | undefined;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      second ??= world.start();
      await second;
      await real(transaction);
    },
  });
  await expect(world.start({}, log)).rejects.toMatchObject({ code: 'ANOTHER_SHIPPER' });
});

test.each([
  ['written after all', true],
  ['not written', false],
])('an unknown outcome that was %s loses and doubles nothing', async (_, written) => {
  let commits = 0;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      commits += 1;
      if (commits % 4 !== 3) return real(transaction);
      if (written) await real(transaction);
      throw new ClickproofError('OUTCOME_UNKNOWN', 'the connection broke');
    },
  });
  const lines = numbered(100);
  world.append(`${lines.slice(0, 50).join('\n')}\n`);
  world.rotate();
  world.append(`${lines.slice(50).join('\n')}\n`);
  const shipper = await world.start({ batchLines: 7 }, log);
  await until('all are there', async () => (await world.messages()).length >= 100);
  world.append('last\n');
  await until('the last is there', async () => (await world.messages()).includes('last'));
  expect(await world.messages()).toEqual([...lines, 'last']);
  // What it counts is not all there is: it says so.
  const stats = shipper.stats();
  expect(stats.errors).toBeGreaterThan(0);
  if (!written) await until('the last is counted', () => shipper.stats().lines === 101);
});

test('a file deleted while the outcome was unknown is still read to its end', async () => {
  let broken = false;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      if (transaction.records.length > 1 && !broken) {
        broken = true;
        world.rotate();
        world.append('b\n');
        unlinkSync(world.path('.1'));
        throw new ClickproofError('OUTCOME_UNKNOWN', 'the connection broke');
      }
      await real(transaction);
    },
  });
  world.append('a1\na2\n');
  const shipper = await world.start({}, log);
  await shipped(shipper, 3);
  expect(await world.messages()).toEqual(['a1', 'a2', 'b']);
});

test('a rotated file is not closed before its lines are committed: it may be deleted by then', async () => {
  let broken = false;
  const log = faulty(world.log, {
    commit: (real) => async (transaction) => {
      if (transaction.records.length > 1 && !broken) {
        broken = true;
        unlinkSync(world.path('.1'));
        throw new ClickproofError('OUTCOME_UNKNOWN', 'the connection broke');
      }
      await real(transaction);
    },
  });
  world.append('a1\na2\n', '.1');
  world.append('b\n');
  const shipper = await world.start({ closeInactive: 0 }, log);
  await shipped(shipper, 3);
  expect(await world.messages()).toEqual(['a1', 'a2', 'b']);
});

test('an event log that cannot be reached is tried again; a record it refuses is final', async () => {
  let unreachable = 0;
  let claims = 0;
  const log = faulty(world.log, {
    claim: () => {
      claims += 1;
      if (claims > 1 && claims < 4) throw new ClickproofError('LOG_BUSY', 'not now');
    },
    commit: (real) => async (transaction) => {
      if (transaction.records.some(({ value }) => value?.includes('refuse me')))
        throw new ClickproofError('RECORD_TOO_LARGE', 'too large');
      if (transaction.records.length > 1 && unreachable++ < 2)
        throw new ClickproofError('LOG_FULL', 'disk full');
      await real(transaction);
    },
  });
  world.append('a\n');
  const shipper = await world.start({}, log);
  await shipped(shipper, 1);
  expect(claims).toBeGreaterThan(3);
  world.append('refuse me\n');
  await expect(shipper.done).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  expect(await world.messages()).toEqual(['a']);
});

test('a topic that a broker does not know for a while is waited for, once it was there', async () => {
  let missing = 3;
  const passing = (): void => {
    if (missing-- > 0) throw new ClickproofError('TOPIC_MISSING', 'there is no topic raw');
  };
  let claims = 0;
  const log = faulty(world.log, {
    claim: () => {
      if (claims++ > 0) passing();
    },
    commit: (real) => async (transaction) => {
      if (transaction.records.length > 1) passing();
      await real(transaction);
    },
  });
  world.append('a\n');
  await shipped(await world.start({}, log), 1);
  expect(missing).toBeLessThan(0);
  expect(await world.messages()).toEqual(['a']);
});

test('stopping finishes the transaction in hand', async () => {
  const lines = numbered(5_000);
  world.append(`${lines.join('\n')}\n`);
  const shipper = await world.start({ batchLines: 100 });
  await shipped(shipper, 100);
  await shipper.stop();
  await shipper.stop();
  await shipper.done;
  expect((await world.messages()).length).toBe(shipper.stats().lines);
  const again = await world.start();
  await shipped(again, 5_000 - shipper.stats().lines);
  expect(await world.messages()).toEqual(lines);
});

test('the state is one record with the position of every file', async () => {
  world.append('a\n');
  const shipper = await world.start();
  await shipped(shipper, 1);
  world.rotate();
  world.append('bb\n');
  await shipped(shipper, 2);
  const state = await readState(world.log, TOPICS.shipperState, 'web');
  expect(state?.files.map(({ path, offset, fingerprint }) => [path, offset, fingerprint.length])).toEqual([
    [world.path('.1'), 2, 2],
    [world.logFile, 3, 3],
  ]);
});

test('a state that cannot be read stops the start with what to do', async () => {
  const producer = await world.log.claim('other');
  const record = { topic: TOPICS.shipperState, partition: 0, key: Buffer.from('web'), timestamp: 0 };
  await producer.commit({ records: [{ ...record, value: Buffer.from('{"schema":99}') }] });
  await producer.close();
  await expect(world.start()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
});

test('records go where their key says, in the order of the log, with the time of reading', async () => {
  const wide = await World.create(4);
  try {
    const lines = Array.from({ length: 200 }, (_, i) => `{"n":${i},"partition_key":"visitor ${i % 7}"}`);
    wide.append(`${lines.join('\n')}\nno key\n`);
    await shipped(await wide.start({ name: 'web-1' }), 201);
    let seen = 0;
    for (const { partition, start } of await wide.log.ends(TOPICS.raw)) {
      let last = -1;
      for await (const { records } of wide.log.read({ topic: TOPICS.raw, partition, offset: start })) {
        for (const { key, value, timestamp } of records) {
          const envelope = JSON.parse(value!.toString());
          expect(Date.parse(envelope['@timestamp'])).toBe(timestamp);
          expect(envelope.host.name).toBe('web-1');
          seen += 1;
          if (key === null) continue;
          const line = JSON.parse(envelope.message);
          expect(key.toString()).toBe(line.partition_key);
          expect(fnv1aPartition(key, 4)).toBe(partition);
          expect(line.n).toBeGreaterThan(last);
          last = line.n;
        }
      }
    }
    expect(seen).toBe(201);
  } finally {
    await wide.close();
  }
});

test('a key of any length is shipped: its beginning, where the whole says', async () => {
  const wide = await World.create(4);
  try {
    const bytes = Buffer.alloc(11_000, 0xff);
    wide.append(Buffer.concat([Buffer.from('{"query_string":"e=pv&duid='), bytes, Buffer.from('"}\n')]));
    await shipped(await wide.start(), 1);
    const key = Buffer.from('\ufffd'.repeat(11_000));
    const offset = 0;
    const partition = fnv1aPartition(key, 4);
    for await (const { records } of wide.log.read({ topic: TOPICS.raw, partition, offset })) {
      expect(records.map((record) => record.key)).toEqual([key.subarray(0, MAX_KEY_BYTES)]);
    }
    expect(wide.notes).toEqual([]);
    expect((await wide.log.ends(TOPICS.raw))[partition]!.end).toBe(1);
  } finally {
    await wide.close();
  }
});
