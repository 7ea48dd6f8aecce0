import { describe, expect, it } from 'vitest';
import { ClickproofError } from '../contracts/errors.ts';
import type { FailedMessage } from '../contracts/messages.ts';
import { MAX_KEY_BYTES, murmur2Partition } from '../contracts/partitioning.ts';
import { silent } from '../contracts/running.ts';
import type { EventLog, PartitionContext } from '../log/port.ts';
import { type FailPoint, failingLog } from './failpoints.ts';
import { OutRecords } from './out-records.ts';
import { PartitionWorker } from './partition-worker.ts';
import { failedMessage, type StageFunction } from './stage-function.ts';
import { StageHandler } from './stage-handler.ts';
import { MemoryLog } from './testing/memory-log.ts';
import { WorkerCounters } from './worker-stats.ts';

const PLACE = { group: 'g', topic: 'in', partition: 0 };
const T = 1_700_000_000_000;

/** `x3` becomes three messages, `bad` a failure, `poison` an error, `none` nothing. */
const transform: StageFunction = (record) => {
  const text = record.value!.toString();
  if (text === 'poison') throw new TypeError('what a pity');
  if (text === 'bad') {
    const errors = [{ code: 'bad', message: 'bad' }];
    return {
      outputs: [],
      failed: [failedMessage(record, { type: 'line_format', stage: 's', errors })],
      count: 'failed',
    };
  }
  if (text === 'none') return { outputs: [], failed: [], count: 'ignored: none' };
  const times = Number(/^x(\d+)$/.exec(text)?.[1] ?? 1);
  const outputs = Array.from({ length: times }, (_, i) => ({ key: record.key, message: { text, i } }));
  return { outputs, failed: [], count: 'processed' };
};

function logWith(values: readonly string[], maxRecordBytes?: Readonly<Record<string, number>>): MemoryLog {
  const log = new MemoryLog({ in: 1, out: 3, failed: 2 }, maxRecordBytes);
  for (let i = 0; i < values.length; i += 2) {
    const records = values.slice(i, i + 2).map((value, j) => ({
      key: Buffer.from(`key ${(i + j) % 3}`),
      value: Buffer.from(value),
      timestamp: T + i + j,
    }));
    log.append('in', 0, records);
  }
  return log;
}

interface Setup {
  transactionBytes?: number;
  acceptLoss?: boolean;
  maxRecordBytes?: number;
  mostBytes?: number;
  transform?: StageFunction;
}

function worker(log: EventLog, setup: Setup = {}) {
  const { transactionBytes = 1 << 20, acceptLoss = false, maxRecordBytes = 1 << 20, mostBytes } = setup;
  const counters = new WorkerCounters();
  const out = { name: 'out', partitions: 3 };
  const records = new OutRecords('s', out, { name: 'failed', partitions: 2 }, maxRecordBytes);
  const partition = new PartitionWorker({
    log,
    place: PLACE,
    records,
    counters,
    acceptLoss,
    diagnostics: silent,
  });
  const handler = new StageHandler({
    stage: 's',
    transform: setup.transform ?? transform,
    worker: partition,
    records,
    counters,
    transactionBytes,
    mostBytes,
  });
  return { handler, counters };
}

const context: PartitionContext = {
  topic: 'in',
  partition: 0,
  partitions: 1,
  signal: new AbortController().signal,
  commitOffset: () => Promise.reject(new Error('offsets go with the transaction')),
};

/** Claims and processes to the end of the log. */
async function run(log: MemoryLog, handler: StageHandler, batchRecords = 3): Promise<void> {
  let position = await handler.claim();
  for (;;) {
    const batch = log.batch('in', 0, position, batchRecords);
    if (!batch) return;
    await handler.process(batch, context);
    position = batch.nextOffset;
  }
}

const written = (log: MemoryLog) => ({
  out: log
    .records('out')
    .map((records) => records.map(({ value, key, timestamp }) => `${timestamp} ${key} ${value}`)),
  failed: log.records('failed').map((records) => records.map(({ value }) => `${value}`)),
});
const failures = (log: MemoryLog): FailedMessage[] =>
  log.records('failed').flatMap((records) => records.map(({ value }) => JSON.parse(`${value}`)));

const VALUES = ['x1', 'none', 'x3', 'bad', 'x0', 'x2', 'poison', 'x1', 'x1'];

describe('a stage', () => {
  it('sets aside a record that would become more than memory should hold', async () => {
    const log = logWith(['x1', 'x2000', 'x2']);
    const { handler, counters } = worker(log, { mostBytes: 1_000 });
    await run(log, handler);
    const { out } = written(log);
    expect(out.flat()).toHaveLength(3);
    expect(failures(log)).toMatchObject([
      {
        failure: { type: 'size_violation', stage: 's', errors: [{ code: 'too_many_messages' }] },
        payload: { head: 'x2000', bytes: 5 },
        source: { offset: 1 },
      },
    ]);
    expect(counters.snapshot()).toMatchObject({ records: 3, outputs: 3, failed: 1 });
  });

  it('writes under the key and time of the source, and counts what became of it', async () => {
    const log = logWith(VALUES);
    const { handler, counters } = worker(log);
    await run(log, handler);
    const all = log
      .records('out')
      .flatMap((records, partition) => records.map((record) => ({ ...record, partition })));
    expect(all).toHaveLength(8);
    for (const { key, partition, timestamp, value } of all) {
      expect(partition).toBe(murmur2Partition(key!, 3));
      expect(VALUES[timestamp - T]).toBe(JSON.parse(`${value}`).text);
    }
    expect(counters.snapshot()).toMatchObject({
      records: 9,
      outputs: 8,
      failed: 2,
      classes: { processed: 6, failed: 2, 'ignored: none': 1 },
      claims: 1,
    });
    const ends = await log.ends('in');
    expect(log.offset('g', 'in', 0)).toBe(ends[0]!.end);
  });

  it('sets aside what it cannot bear, and goes on', async () => {
    const log = logWith(['poison', 'x1']);
    await run(log, worker(log).handler);
    expect(failures(log)).toEqual([
      {
        failure: {
          type: 'stage_error',
          stage: 's',
          errors: [{ code: 'unexpected', message: 'TypeError: what a pity' }],
          timestamp: '2023-11-14T22:13:20.000Z',
        },
        payload: 'poison',
        source: { topic: 'in', partition: 0, offset: 0 },
      },
    ]);
    expect(log.records('out').flat()).toHaveLength(1);
  });

  it.each([
    ['bytes', { transactionBytes: 60 }, VALUES, 6],
    ['records', {}, ['x1500', 'x600', 'x2500', 'x1', 'x1'], 4],
  ] as const)(
    'cuts a batch of many %s into several transactions, none in the middle of a record',
    async (_, setup, values, count) => {
      const whole = logWith(values);
      await run(whole, worker(whole).handler, 100);
      const log = logWith(values);
      const { handler, counters } = worker(log, setup);
      await run(log, handler, 100);
      expect(counters.transactions).toBe(count);
      expect(written(log)).toEqual(written(whole));
    },
  );
});

describe('a stage writes everything once', () => {
  const exact = async () => {
    const log = logWith(VALUES);
    await run(log, worker(log).handler);
    return written(log);
  };

  it('whatever two calls it dies at, or does not learn the outcome of', async () => {
    const expected = await exact();
    for (let first = 1; first <= 40; first++) {
      for (let second = first + 1; second <= first + 12; second++) {
        const log = logWith(VALUES);
        let calls = 0;
        const fail: FailPoint = (point) => {
          calls++;
          if (calls !== first && calls !== second) return;
          throw point.includes('.commit:')
            ? new ClickproofError('OUTCOME_UNKNOWN', 'nobody knows')
            : new Error('dead');
        };
        for (let attempts = 0; attempts < 3; attempts++) {
          // Every other time a new process, every other time the same one claiming again.
          const { handler } = worker(failingLog(log, 's', fail), { transactionBytes: 60 });
          for (let claims = 0; claims <= first % 2; claims++) await run(log, handler).catch(() => {});
        }
        expect(written(log)).toEqual(expected);
      }
    }
  });

  it('when a zombie goes on beside its successor', async () => {
    const expected = await exact();
    for (let commits = 0; commits < 4; commits++) {
      const log = logWith(VALUES);
      let left = commits;
      const done = Promise.withResolvers<void>();
      const asleep = Promise.withResolvers<void>();
      const zombie = worker(
        failingLog(log, 's', (point) => {
          if (point !== 's.commit:before' || left-- > 0) return;
          asleep.resolve();
          return done.promise;
        }),
      );
      const ran = run(log, zombie.handler, 2);
      await Promise.race([asleep.promise, ran]);
      await run(log, worker(log).handler);
      done.resolve();
      await expect(ran).rejects.toMatchObject({ code: 'FENCED' });
      expect(written(log)).toEqual(expected);
    }
  });

  it('and commits nothing once the partition is revoked', async () => {
    const log = logWith(VALUES);
    const { handler } = worker(log);
    const position = await handler.claim();
    const revoked = { ...context, signal: AbortSignal.abort() };
    await expect(handler.process(log.batch('in', 0, position, 2)!, revoked)).rejects.toMatchObject({
      code: 'REVOKED',
    });
    expect(log.records('out').flat()).toEqual([]);
  });
});

describe('records that are too large', () => {
  const LARGE = 'large '.repeat(10_000);

  it('go to the failed topic as head and hash', async () => {
    const log = logWith([LARGE, 'x1']);
    const { handler, counters } = worker(log, { maxRecordBytes: 50_000 });
    await run(log, handler);
    expect(failures(log)).toMatchObject([
      {
        failure: { type: 'size_violation', stage: 's', errors: [{ code: 'record_too_large' }] },
        payload: {
          head: expect.stringContaining('large large'),
          bytes: 60_017,
          sha256: expect.stringMatching(/^\w{64}$/),
        },
      },
    ]);
    expect(counters).toMatchObject({ outputs: 1, failed: 1 });
  });

  it('keep a failure’s reason when the failure itself is too large', async () => {
    const log = logWith(['x1']);
    const records = new OutRecords(
      's',
      { name: 'out', partitions: 3 },
      { name: 'failed', partitions: 2 },
      20_000,
    );
    const source = { topic: 'in', partition: 0, ...log.records('in')[0]![0]! };
    const errors = Array.from({ length: 100 }, (_, i) => ({ code: `c${i}`, message: 'm'.repeat(2_000) }));
    const failure = failedMessage(source, {
      type: 'schema_violation',
      stage: 's',
      errors,
      payload: { a: LARGE },
    });
    const small = JSON.parse(`${records.failure(source, failure).value}`);
    expect(small).toMatchObject({ failure: { type: 'schema_violation' }, payload: { bytes: 60_008 } });
    expect(small.failure.errors[0].code).toBe('c0');
    expect(JSON.stringify(small).length).toBeLessThan(20_000);
  });

  it('are found out when a topic takes less than the settings say', async () => {
    const log = logWith(['x1', LARGE, 'x1', LARGE + LARGE, 'x1'], { out: 30_000, failed: 30_000 });
    const { handler } = worker(log);
    let claims = 0;
    for (; claims < 10; claims++) {
      const error = await run(log, handler, 10).catch((thrown: unknown) => thrown);
      if (error === undefined) break;
      expect(error).toMatchObject({ code: 'RECORD_TOO_LARGE' });
    }
    expect(claims).toBe(1);
    expect(log.records('out').flat()).toHaveLength(3);
    expect(failures(log).map(({ failure }) => failure.type)).toEqual(['size_violation', 'size_violation']);
  });

  it('are not mistaken for larger ones of another topic that takes more', async () => {
    const log = logWith(['x1', LARGE, 'x1'], { out: 1 << 20, failed: 20_000 });
    const failing: StageFunction = (record) => {
      const failed = transform({ ...record, value: Buffer.from('bad') }).failed;
      const large = { ...failed[0]!, payload: 'p'.repeat(30_000) };
      return { ...transform(record), failed: record.value!.toString() === LARGE ? [large] : [] };
    };
    const { handler } = worker(log, { transform: failing });
    await expect(run(log, handler, 10)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', topic: 'failed' });
    await run(log, handler, 10);
    expect(log.records('out').flat()).toHaveLength(3);
    expect(failures(log)).toMatchObject([{ failure: { type: 'line_format' }, payload: { bytes: 30_000 } }]);
  });

  it('are not made so by their keys: the whole key says where a record goes, but its beginning is kept', async () => {
    const log = logWith([]);
    const key = Buffer.alloc(33_000, '\ufffd');
    log.append('in', 0, [
      { key, value: Buffer.from('x1'), timestamp: T },
      { key, value: Buffer.from('bad'), timestamp: T },
    ]);
    await run(log, worker(log).handler);
    for (const [topic, partitions] of [
      ['out', 3],
      ['failed', 2],
    ] as const) {
      const [written] = log.records(topic)[murmur2Partition(key, partitions)]!;
      expect(written?.key).toEqual(key.subarray(0, MAX_KEY_BYTES));
    }
  });

  it('are not made of one record in such numbers that their transaction takes too long', async () => {
    const log = logWith(['x1', 'x1']);
    const message = { text: 'm'.repeat(1_000_000) };
    const [many, most] = [70, 60].map((count) =>
      Array.from({ length: count }, () => ({ key: null, message })),
    );
    const outputs: StageFunction = ({ offset }) => ({
      ...{ outputs: offset === 0 ? many! : most!, failed: [], count: 'processed' },
    });
    await run(log, worker(log, { transform: outputs }).handler);
    expect(log.records('out').flat()).toHaveLength(60);
    expect(failures(log)).toMatchObject([{ failure: { errors: [{ code: 'too_many_messages' }] } }]);
  });

  it('end the worker when a topic takes next to nothing', async () => {
    const log = logWith(['x1', 'x1'], { out: 10 });
    await expect(run(log, worker(log).handler)).rejects.toMatchObject({
      code: 'REFUSED',
      remedy: expect.any(String),
    });
  });
});

describe('where a stage begins', () => {
  const VALUES_READ = (log: MemoryLog) =>
    log
      .records('out')
      .flat()
      .map(({ timestamp }) => timestamp - T)
      .toSorted();

  it('is the start of the log for a new group', async () => {
    const log = logWith(['x1', 'x1', 'x1', 'x1']);
    log.trim('in', 0, 3);
    const { handler, counters } = worker(log);
    await run(log, handler);
    expect(VALUES_READ(log)).toEqual([2, 3]);
    expect(counters.gaps).toEqual([]);
  });

  it('is nowhere when records it had not read are gone, unless loss is accepted: then the range is reported', async () => {
    const log = logWith(['x1', 'x1', 'x1', 'x1', 'x1', 'x1']);
    log.setOffset('g', 'in', 0, 1);
    log.trim('in', 0, 6);
    const strict = worker(log);
    await expect(strict.handler.claim()).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('offsets 1 to 5 are lost'),
      remedy: expect.stringContaining('--accept-loss'),
    });
    expect(strict.counters.gaps).toEqual([{ from: 1, to: 6, partition: 0 }]);

    const lenient = worker(log, { acceptLoss: true });
    expect([await lenient.handler.claim(), await lenient.handler.claim()]).toEqual([6, 6]);
    await run(log, lenient.handler);
    expect(lenient.counters.gaps).toEqual([{ from: 1, to: 6, partition: 0 }]);
    expect(VALUES_READ(log)).toEqual([4, 5]);
  });

  it('is nowhere when the topic was made anew', async () => {
    const log = logWith(['x1', 'x1']);
    log.setOffset('g', 'in', 0, 40);
    await expect(worker(log, { acceptLoss: true }).handler.claim()).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('made anew'),
    });
  });
});
