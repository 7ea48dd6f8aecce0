import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FlatMessage, NamedValue } from '../contracts/messages.ts';
import { murmur2Partition } from '../contracts/partitioning.ts';
import type { Diagnostics } from '../contracts/running.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../contracts/topics.ts';
import { recordedLines } from '../enrichment/fixtures/recorded.ts';
import { type EventLog, openEmbeddedLog } from '../log/index.ts';
import { openEmbeddedProfileStore } from '../profile/embedded-store.ts';
import type { ProfileStore } from '../profile/store.ts';
import { startFlattener } from './flattener.ts';
import { startParser } from './parser.ts';
import { startPersister } from './persister.ts';
import { flattenerSettings, parserWorkerSettings, persisterSettings } from './settings.ts';
import type { RunningWorker } from './worker.ts';

const TOPICS = DEFAULT_TOPICS;
const PARTITIONS = 2;
const VISITORS = ['ann', 'ben', 'cem', 'dua', 'eve'];

let directory: string;
let log: EventLog;
let store: ProfileStore;
const running: { stop(): Promise<void> }[] = [];
const reported: string[] = [];
const diagnostics: Diagnostics = {
  info() {},
  warn: (message, fields) => reported.push(`${message} ${JSON.stringify(fields)}`),
  error: (message, fields) => reported.push(`${message} ${JSON.stringify(fields)}`),
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'workers-'));
  reported.length = 0;
  log = openEmbeddedLog({ path: join(directory, 'events.db') });
  store = openEmbeddedProfileStore({ path: join(directory, 'profiles.db'), topic: TOPICS.flattened });
  await log.ensureTopics(
    [TOPICS.raw, TOPICS.processed, TOPICS.flattened, TOPICS.persisted, TOPICS.failed].map((name) => ({
      name,
      partitions: PARTITIONS,
      cleanup: 'delete',
      maxRecordBytes: 8 << 20,
    })),
  );
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()));
  await store.close();
  await log.close();
  rmSync(directory, { recursive: true });
});

function started<Worker extends RunningWorker>(worker: Worker): Worker {
  running.push(worker);
  return worker;
}

async function append(
  topic: string,
  records: readonly { key: string; value: string; timestamp: number }[],
): Promise<void> {
  const producer = await log.claim('test');
  await producer.commit({
    records: records.map(({ key, value, timestamp }) => ({
      topic,
      partition: murmur2Partition(Buffer.from(key), PARTITIONS),
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestamp,
    })),
  });
  await producer.close();
}

async function all(topic: string): Promise<{ key: string; partition: number; message: FlatMessage }[]> {
  const found = [];
  for (const { partition, start } of await log.ends(topic)) {
    for await (const batch of log.read({ topic, partition, offset: start })) {
      for (const { key, value } of batch.records) {
        found.push({ key: `${key}`, partition, message: JSON.parse(`${value}`) as FlatMessage });
      }
    }
  }
  return found;
}

const dependencies = () => ({ log, topics: TOPICS, groups: DEFAULT_GROUPS, diagnostics });
const flattener = async () =>
  started(await startFlattener(flattenerSettings.parse({ linger: 0 }), dependencies()));
const persister = async () =>
  started(
    await startPersister(persisterSettings.parse({ linger: 0 }), { ...dependencies(), profiles: store }),
  );

async function drained(...workers: RunningWorker[]): Promise<void> {
  for (const worker of workers) {
    await vi.waitFor(async () => expect(await worker.lag()).toBe(0), { timeout: 30_000, interval: 20 });
  }
}

describe('the stages on the embedded log', () => {
  it('take lines to persisted events in one process, each counted once', async () => {
    const lines = recordedLines();
    const raw = lines.map((line, i) => ({
      key: `${i}`,
      value: JSON.stringify(line),
      timestamp: 1_700_000_000_000 + i,
    }));
    const health = { ...lines[0]!, uri: '/health', query_string: '', request_body: '', method: 'GET' };
    await append(TOPICS.raw, [
      ...raw,
      { key: 'health', value: JSON.stringify(health), timestamp: 1 },
      { key: 'bad', value: '{"no', timestamp: 1 },
      { ...raw[0]! }, // the same line again
    ]);
    const parser = started(await startParser(parserWorkerSettings.parse({}), dependencies()));
    const workers = [parser, await flattener(), await persister()] as const;
    await drained(...workers);

    const { classes } = parser.stats();
    expect(classes).toEqual({ processed: lines.length + 1, failed: 1, 'ignored: health': 1 });
    const [processed, flattened, persisted, failed] = await Promise.all([
      all(TOPICS.processed),
      all(TOPICS.flattened),
      all(TOPICS.persisted),
      all(TOPICS.failed),
    ]);
    expect(flattened).toHaveLength(processed.length);
    expect(failed).toHaveLength(1);
    const { folded } = workers[2].stats();
    expect(folded.events).toBe(persisted.length);
    expect(folded.repeats).toBeGreaterThan(0);
    expect(persisted.length + folded.repeats + folded.retries).toBe(flattened.length);
    const ids = persisted.map(({ message }) => message['event-event_id']);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { key, partition, message } of persisted) {
      expect(partition).toBe(murmur2Partition(Buffer.from(key), PARTITIONS));
      const named = (name: string) => message[`event-${name}`];
      expect(key).toBe(named('domain_userid') ?? named('network_userid') ?? named('event_id'));
      expect(message).toHaveProperty('profile-events');
    }
    expect(reported).toEqual([]);
  });

  it('go on where they stopped', async () => {
    await append(TOPICS.processed, clicks(0, 20));
    const first = [await flattener(), await persister()] as const;
    await drained(...first);
    await Promise.all(running.splice(0).map((worker) => worker.stop()));
    await Promise.all(first.map(({ done }) => done));

    await append(TOPICS.processed, clicks(20, 40));
    const second = [await flattener(), await persister()] as const;
    await drained(...second);
    expect(second[1].stats()).toMatchObject({ records: 22, folded: { events: 40, repeats: 0, retries: 4 } });
    await expectEachOnce(40);
    expect(reported).toEqual([]);
  });

  it('say that a topic is missing', async () => {
    const topics = { ...TOPICS, flattened: 'elsewhere' };
    await expect(
      startFlattener(flattenerSettings.parse({}), { ...dependencies(), topics }),
    ).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
    });
  });

  it('count every event once when their process is killed, wherever that is', async () => {
    const points = [
      'flattener.claim:after',
      'flattener.commit:before@2',
      'flattener.commit:after@2',
      'persister.claim:before',
      'persister.store-claim:after',
      'persister.read:after@2',
      'persister.commit:before@2',
      'persister.commit:after@2',
      'persister.apply:before@2',
      'persister.apply:after@2',
    ];
    let sent = 0;
    for (const point of points) {
      await append(TOPICS.processed, clicks(sent, sent + 40));
      sent += 40;
      await expect(death(point)).resolves.toBe('SIGKILL');
    }
    await drained(await flattener(), await persister());
    await expectEachOnce(sent);
  });
});

/** Page views of a few visitors, every tenth sent again in another request. */
function clicks(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => click(from + i)).flatMap((one, i) =>
    i % 10 === 9 ? [one, click(from + i, 'again')] : [one],
  );
}

function click(number: number, request = 'first') {
  const key = VISITORS[number % VISITORS.length]!;
  const named = (values: Record<string, string | number>): NamedValue[] =>
    Object.entries(values).map(([name, value]) => ({ name, value }));
  const message = {
    kafka_raw: named({ index: 0 }),
    log: [],
    request: named({ request_id: `${request} ${number}` }),
    query: [],
    event: named({
      event_id: `e${number}`,
      event_fingerprint: `f${number}`,
      domain_userid: key,
      event: 'page_view',
    }),
  };
  return { key, value: JSON.stringify(message), timestamp: 1_700_000_000_000 + number };
}

async function expectEachOnce(sent: number): Promise<void> {
  const persisted = await all(TOPICS.persisted);
  const ids = persisted.map(({ message }) => message['event-event_id']).toSorted();
  expect(ids).toEqual(Array.from({ length: sent }, (_, i) => `e${i}`).toSorted());
  for (const visitor of VISITORS) {
    const counts = persisted
      .filter(({ key }) => key === visitor)
      .map(({ message }) => message['profile-events']);
    expect(counts).toEqual(Array.from({ length: sent / VISITORS.length }, (_, i) => i + 1));
  }
}

/** Runs the stages in a process of their own until the fail point kills it. */
async function death(point: string): Promise<NodeJS.Signals | null> {
  const script = fileURLToPath(new URL('testing/worker-process.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, directory, point], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.push({
    async stop() {
      child.kill('SIGKILL');
    },
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}
