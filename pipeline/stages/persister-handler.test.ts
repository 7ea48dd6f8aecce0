import { describe, expect, it } from 'vitest';
import { silent } from '../contracts/running.ts';
import type { PartitionContext } from '../log/port.ts';
import { ProfileFold } from '../profile/fold.ts';
import { profileRules } from '../profile/rules.ts';
import type { ProfileStore } from '../profile/store.ts';
import { MemoryProfileStore } from '../profile/testing/memory-store.ts';
import { OutRecords } from './out-records.ts';
import { PartitionWorker } from './partition-worker.ts';
import { PersisterHandler } from './persister-handler.ts';
import { MemoryLog } from './testing/memory-log.ts';
import { WorkerCounters } from './worker-stats.ts';

const PLACE = { group: 'persister', topic: 'in', partition: 0 };
const context: PartitionContext = {
  topic: 'in',
  partition: 0,
  partitions: 4,
  signal: new AbortController().signal,
  commitOffset: () => Promise.reject(new Error('offsets go with the transaction')),
};

interface Setup {
  keep?: 'count' | 'last';
  onRulesChanged?: 'refuse' | 'rebuild';
  acceptLoss?: boolean;
  maxRecordBytes?: number;
  partition?: number;
}

function persister(log: MemoryLog, store: ProfileStore, setup: Setup = {}) {
  const { keep = 'count', onRulesChanged = 'refuse', acceptLoss = false, maxRecordBytes = 1 << 20 } = setup;
  const place = { ...PLACE, partition: setup.partition ?? PLACE.partition };
  const counters = new WorkerCounters();
  const out = { name: 'out', partitions: 4 };
  const records = new OutRecords('persister', out, { name: 'failed', partitions: 1 }, maxRecordBytes);
  const handler = new PersisterHandler({
    worker: new PartitionWorker({ log, place, records, counters, acceptLoss, diagnostics: silent }),
    store,
    fold: new ProfileFold(profileRules.parse([{ name: 'n', field: 'event-event_id', keep }])),
    rulesHash: keep,
    limits: { visitorWindow: 10, partitionWindow: 100, horizonMs: 0 },
    onRulesChanged,
    records,
    counters,
    diagnostics: silent,
  });
  return { handler, counters };
}

async function run(log: MemoryLog, handler: PersisterHandler, partitions = 4): Promise<number> {
  const from = await handler.claim({ ...context, partitions });
  for (let position = from; ; ) {
    const batch = log.batch('in', 0, position, 2);
    if (!batch) return from;
    await handler.process(batch, context);
    position = batch.nextOffset;
  }
}

/** A log of four transactions of two events of one visitor: offsets 0, 1, 3, 4, 6, 7, 9, 10. */
function eightEvents(): MemoryLog {
  const log = new MemoryLog({ in: 1, out: 4, failed: 1 });
  const event = (i: number) => ({
    key: Buffer.from('X'),
    value: Buffer.from(JSON.stringify({ 'event-event_id': `e${i}`, 'event-domain_userid': 'X' })),
    timestamp: 1_700_000_000_000 + i,
  });
  for (let i = 0; i < 8; i += 2) log.append('in', 0, [event(i), event(i + 1)]);
  return log;
}

const profiles = (log: MemoryLog) =>
  log
    .records('out')
    .flat()
    .map(({ value }) => JSON.parse(`${value}`)['profile-n']);

describe('what the persister refuses', () => {
  it('profiles of other rules, saying how to have them folded anew', async () => {
    const log = eightEvents();
    const store = new MemoryProfileStore();
    await run(log, persister(log, store).handler);
    await expect(run(log, persister(log, store, { keep: 'last' }).handler)).rejects.toMatchObject({
      code: 'REFUSED',
      remedy: expect.stringContaining('--on-rules-changed rebuild'),
    });

    const rebuilt = persister(log, store, { keep: 'last', onRulesChanged: 'rebuild' });
    expect(await run(log, rebuilt.handler)).toBe(0);
    expect(rebuilt.counters.snapshot()).toMatchObject({ outputs: 0, classes: { refolded: 8 } });
    expect(profiles(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // From now on the new rules are the ones it was folded with.
    expect(await run(log, persister(log, store, { keep: 'last' }).handler)).toBe(12);
  });

  it('profiles of another number of partitions', async () => {
    const log = eightEvents();
    const store = new MemoryProfileStore();
    await run(log, persister(log, store).handler);
    await expect(run(log, persister(log, store).handler, 5)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('from 4 partitions, the topic has 5'),
    });
  });

  it('profiles of another number of partitions, for which it does not read the whole state of the others', async () => {
    const store = new MemoryProfileStore();
    await run(eightEvents(), persister(eightEvents(), store).handler);
    const claimed: number[] = [];
    const { claim } = store;
    store.claim = (partition) => {
      claimed.push(partition);
      return claim.call(store, partition);
    };
    const log = new MemoryLog({ in: 4, out: 4, failed: 1 });
    expect(await persister(log, store, { partition: 3 }).handler.claim({ ...context, partition: 3 })).toBe(0);
    expect(claimed).toEqual([3]);
  });

  it('profiles of another number of partitions, also for a partition that was added and never folded', async () => {
    const log = eightEvents();
    const store = new MemoryProfileStore();
    await run(log, persister(log, store).handler);
    const added = new MemoryLog({ in: 5, out: 4, failed: 1 });
    const { handler } = persister(added, store, { partition: 4 });
    await expect(handler.claim({ ...context, partition: 4, partitions: 5 })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('in/4: profiles were folded from 4 partitions, the topic has 5'),
    });
    const { handler: sibling } = persister(added, store, { partition: 3 });
    expect(await sibling.claim({ ...context, partition: 3, partitions: 4 })).toBe(0);
  });

  it('profiles that are ahead of the log', async () => {
    const store = new MemoryProfileStore();
    const log = eightEvents();
    await run(log, persister(log, store).handler);
    const anew = eightEvents();
    anew.setOffset('persister', 'in', 0, 3);
    for (const other of [anew, eightEvents()]) {
      await expect(run(other, persister(other, store).handler)).rejects.toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining('another log'),
      });
    }
  });

  it.each([
    ['some of what the profiles lost', true],
    ['all of the profiles', false],
  ])('to fold again when the log no longer has %s, unless loss is accepted', async (_, some) => {
    const log = eightEvents();
    const store = new MemoryProfileStore();
    const { handler } = persister(log, store);
    const first = log.batch('in', 0, await handler.claim(context), 2)!;
    const nothing = store.snapshot();
    await handler.process(first, context);
    const early = some ? store.snapshot() : nothing;
    await run(log, persister(log, store).handler);
    store.restore(early);
    log.trim('in', 0, 6);

    const from = some ? 3 : 0;
    const strict = persister(log, store);
    await expect(run(log, strict.handler)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining(`offsets ${from} to 5 are lost`),
    });
    expect(strict.counters.gaps).toEqual([{ from, to: 6, partition: 0 }]);
    const lenient = persister(log, store, { acceptLoss: true });
    expect(await run(log, lenient.handler)).toBe(6);
    expect(lenient.counters.snapshot()).toMatchObject({ outputs: 0, classes: { refolded: 4 } });
    expect(lenient.handler.counts()?.events).toBe(some ? 6 : 4);
    expect(profiles(log)).toHaveLength(8);
  });
});

describe('the persister', () => {
  it('begins at the start of the log, wherever that is, when nothing was ever folded', async () => {
    const log = eightEvents();
    log.trim('in', 0, 6);
    const { handler, counters } = persister(log, new MemoryProfileStore());
    expect(await run(log, handler)).toBe(6);
    expect(profiles(log)).toEqual([1, 2, 3, 4]);
    expect(counters.gaps).toEqual([]);
  });

  it('goes on where it was, with nothing to fold again', async () => {
    const log = eightEvents();
    const store = new MemoryProfileStore();
    const first = persister(log, store);
    await first.handler.process(log.batch('in', 0, await first.handler.claim(context), 5)!, context);
    const second = persister(log, store);
    expect(await run(log, second.handler)).toBe(7);
    expect(second.counters.classes.has('refolded')).toBe(false);
    expect(profiles(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('counts an event whose message became too large, and sets it aside', async () => {
    const log = new MemoryLog({ in: 1, out: 4, failed: 1 });
    const event = (i: number, text: string) => ({
      key: Buffer.from('X'),
      value: Buffer.from(JSON.stringify({ 'event-event_id': `e${i}`, 'event-domain_userid': 'X', text })),
      timestamp: i,
    });
    log.append('in', 0, [event(0, 'small'), event(1, 'x'.repeat(50_000)), event(2, 'small')]);
    await run(log, persister(log, new MemoryProfileStore(), { maxRecordBytes: 30_000 }).handler);
    expect(profiles(log)).toEqual([1, 3]);
    expect(JSON.parse(`${log.records('failed')[0]![0]!.value}`)).toMatchObject({
      failure: { type: 'size_violation', stage: 'persister' },
      source: { topic: 'in', partition: 0, offset: 1 },
    });
  });

  it('takes the key as it is, byte for byte', async () => {
    const log = new MemoryLog({ in: 1, out: 4, failed: 1 });
    const keys = [Buffer.from([0xff]), Buffer.from([0xfe]), Buffer.from([0xff])];
    log.append(
      'in',
      0,
      keys.map((key, i) => ({
        key,
        value: Buffer.from(JSON.stringify({ 'event-event_id': `e${i}`, 'event-domain_userid': 'X' })),
        timestamp: 0,
      })),
    );
    await run(log, persister(log, new MemoryProfileStore()).handler);
    const counts = log
      .records('out')
      .flat()
      .map(({ key, value }) => `${key!.toString('hex')} ${JSON.parse(`${value}`)['profile-n']}`);
    expect(counts.toSorted()).toEqual(['fe 1', 'ff 1', 'ff 2']);
  });
});
