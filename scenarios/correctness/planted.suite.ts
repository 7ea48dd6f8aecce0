import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SpawnedServer, spawnClickHouseServer } from '../../pipeline/clickhouse-server/spawn-server.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { readIntents } from '../../simulator/ledger/index.ts';
import type { Answer } from '../../simulator/ledger/records.ts';
import type { CheckReport } from '../checkers/check.ts';
import { eventIdOf, replaced, underId } from '../faults/changes.ts';
import { places, runSink } from '../faults/in-process.ts';
import { type FaultyRecord, type LogFault, type PlantedLog, plantedLog } from '../faults/planted-log.ts';
import { type PlantedRun, PlantedWorld } from '../faults/planted-world.ts';
import { ClickHouseReader } from '../readers/clickhouse-reader.ts';

// Proves that the checker finds what it should: each kind of fault is planted at each hop's port, and the report must name
// exactly that hop and that kind. One collector's access log and ledger serve all; what lies before the fault is run once.

const { raw, processed, flattened, persisted, failed } = DEFAULT_TOPICS;
const STRANGER = '00000000-0000-4000-8000-000000000000';

let world: PlantedWorld;

beforeAll(async () => {
  const traffic = { duration: '2s', rate: '100/s', seed: 11, visitors: 40, faulty: 0.15 };
  world = await PlantedWorld.record(traffic);
}, 300_000);

afterAll(() => world?.remove());

const run = (options: PlantedRun) => world.run(options);
const isTarget = (candidate: FaultyRecord): boolean => eventIdOf(candidate) === world.target.id;
const otherResolution = (candidate: FaultyRecord) => replaced(candidate, [world.target.resolution, '7x9']);

const KINDS = ['lost', 'duplicated', 'corrupted', 'spurious', 'misrouted', 'outOfOrder'] as const;

/** All counts that are faults, as `hop.kind: n`. */
function faults({ hops, profiles }: CheckReport): Record<string, number> {
  const found: Record<string, number> = {};
  for (const hop of hops) {
    for (const kind of KINDS) if (hop[kind] > 0) found[`${hop.hop}.${kind}`] = hop[kind];
  }
  if (profiles && profiles.wrong > 0) found.profiles = profiles.wrong;
  return found;
}

/** The findings of a kind, without what depends on the machine. */
function samples({ findings }: CheckReport): object[] {
  return findings.map(({ kind, hop, key, events }) => ({ kind, hop, event: events?.[0] ?? key }));
}

function expectOnly(report: CheckReport, hop: string, count: string, kind: string): void {
  expect(faults(report)).toEqual({ [`${hop}.${count}`]: 1 });
  expect(report.verdict).toBe('fail');
  expect(samples(report)).toEqual([{ kind, hop, event: world.target.id }]);
}

test('a pipeline without faults passes', async () => {
  const report = await run({ from: 'end' });
  expect(faults(report)).toEqual({});
  expect({ ...report, hops: report.hops.length }).toMatchObject({
    verdict: 'pass',
    reasons: [],
    findings: [],
  });
  expect(report.hops.find(({ hop }) => hop === failed)?.delivered).toBeGreaterThan(0);
  expect(report.hops.find(({ hop }) => hop === persisted)?.repeats).toBeGreaterThan(0);
  expect(report.profiles?.correct).toBeGreaterThan(10);
  const stored = report.hops.find(({ hop }) => hop === 'profiles');
  expect(stored).toMatchObject({
    unit: 'visitors',
    delivered: report.profiles?.correct,
    lost: 0,
    corrupted: 0,
  });
});

describe.each([
  ['shipper', raw],
  ['parser', processed],
  ['flattener', flattened],
  ['persister', persisted],
] as const)('what the %s does to %s', (from, topic) => {
  const plant = (fault: Omit<LogFault, 'topic'>) =>
    run({ from, fault: { matches: isTarget, topic, ...fault } });

  test('a record that is missing is lost there', async () => {
    expectOnly(await plant({ kind: 'drop' }), topic, 'lost', 'lost');
  });

  test('a record that is there twice is doubled there', async () => {
    expectOnly(await plant({ kind: 'double' }), topic, 'duplicated', 'duplicated');
  });

  test('a field with another value is altered there, and named with both', async () => {
    const report = await plant({ kind: 'alter', change: otherResolution });
    expectOnly(report, topic, 'corrupted', 'corrupted');
    expect(report.findings[0]?.fields).toContainEqual({
      name: 'query-res',
      expected: world.target.resolution,
      seen: '7x9',
    });
  });

  test('a record of the run that nobody sent is made up there', async () => {
    const report = await plant({ kind: 'add', change: (one) => underId(one, STRANGER) });
    expect(faults(report)).toEqual({ [`${topic}.spurious`]: 1 });
    expect(report.findings).toMatchObject([{ kind: 'spurious', hop: topic }]);
  });

  test('a record without the mark of the run is foreign, and no fault', async () => {
    const foreign = (one: FaultyRecord) =>
      replaced(one, [world.target.id, STRANGER], [world.mark, 'somebody-else']);
    const report = await plant({ kind: 'add', change: foreign });
    expect(faults(report)).toEqual({});
    expect(report.verdict).toBe('pass');
    expect(report.hops.find(({ hop }) => hop === topic)).toMatchObject({ foreign: 1 });
  });

  test('a record in another partition is misrouted there', async () => {
    const report = await plant({ kind: 'misroute' });
    // A visitor in two partitions has two profiles, each the fold of what is in its own: that is no fault of the profile stage.
    expect(faults(report)).toEqual({ [`${topic}.misrouted`]: 1 });
    expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'misrouted', hop: topic }));
    expect(report.verdict).toBe('fail');
  });

  test('a record that nobody can read is made up there, and what it was is lost', async () => {
    const report = await plant({ kind: 'alter', change: () => ({ value: Buffer.from(`{"${world.mark}`) }) });
    const lostToo = topic === raw ? {} : { [`${topic}.spurious`]: 1 };
    expect(faults(report)).toEqual({ [`${topic}.lost`]: 1, ...lostToo });
  });
});

describe.each([
  ['parser', processed],
  ['flattener', flattened],
  ['persister', persisted],
] as const)('the order that the %s gives %s', (from, topic) => {
  test('two events of a visitor in each other’s place are out of order there', async () => {
    let displaced: string | undefined;
    const report = await run({
      from,
      fault: {
        kind: 'swap',
        topic,
        partner(one, other) {
          displaced = eventIdOf(one);
          // The next of the same raw partition, of the same request too: one that stays between them would be out of order as well.
          const [place, next] = [rawPlaceOf(one), rawPlaceOf(other)];
          return (
            place.partition === next.partition &&
            (place.offset < next.offset || (place.offset === next.offset && place.index < next.index))
          );
        },
      },
    });
    expect(faults(report)).toEqual({ [`${topic}.outOfOrder`]: 1 });
    expect(samples(report)).toEqual([{ kind: 'disordered', hop: topic, event: displaced }]);
    expect(report.verdict).toBe('fail');
  });
});

function rawPlaceOf({ value }: FaultyRecord): { partition: number; offset: number; index: number } {
  const message = JSON.parse(String(value));
  const named = (name: string) =>
    message.kafka_raw?.find((one: { name: string }) => one.name === name).value ??
    message[`kafka_raw-${name}`];
  return { partition: named('partition'), offset: named('offset'), index: named('index') };
}

test('lines of one visitor that change places on the way to the raw topic break no promise', async () => {
  const report = await run({ from: 'shipper', fault: { kind: 'swap', topic: raw } });
  expect(faults(report)).toEqual({});
});

describe('what is done to the access log', () => {
  const edit = (change: (line: string) => string[]) =>
    run({
      from: 'shipper',
      lines: (lines) =>
        lines.flatMap((line) =>
          isTarget({ value: Buffer.from(line), key: null, timestamp: 0 }) ? change(line) : [line],
        ),
    });
  const log = 'access log';

  test('a line that is missing', async () => {
    expectOnly(await edit(() => []), log, 'lost', 'lost');
  });

  test('a line that is there twice', async () => {
    expectOnly(await edit((line) => [line, line]), log, 'duplicated', 'duplicated');
  });

  test('a line with another parameter', async () => {
    const report = await edit((line) => [line.replaceAll(world.target.resolution, '7x9')]);
    expectOnly(report, log, 'corrupted', 'corrupted');
    expect(report.findings[0]?.fields).toContainEqual({
      name: 'query-res',
      expected: world.target.resolution,
      seen: '7x9',
    });
  });

  test('a line with another user agent', async () => {
    const report = await edit((line) => [line.replaceAll('Mozilla/5.0', 'Mozilla/6.0')]);
    expectOnly(report, log, 'corrupted', 'corrupted');
    expect(report.findings[0]?.fields).toContainEqual(
      expect.objectContaining({ name: 'request-user_agent' }),
    );
  });

  test('a line that nobody sent', async () => {
    const report = await edit((line) => [line, line.replaceAll(world.target.id, STRANGER)]);
    expect(faults(report)).toEqual({ [`${log}.spurious`]: 1 });
  });

  test('a line that was cut short, and ended', async () => {
    const report = await edit((line) => [line.slice(0, -50)]);
    expect(faults(report)).toEqual({ [`${log}.lost`]: 1 });
    expect(report.counted.accessLog?.unreadable).toBe(1);
  });

  test('a line that was altered between the log and the raw topic only', async () => {
    const report = await run({
      from: 'shipper',
      fault: {
        kind: 'alter',
        topic: raw,
        matches: isTarget,
        change: ({ value }) => ({ value: Buffer.from(String(value).replace(/(msec\\":\\")\d+/, '$11')) }),
      },
    });
    expectOnly(report, raw, 'corrupted', 'corrupted');
    expect(report.findings[0]?.fields).toMatchObject([{ name: 'request-msec' }]);
  });
});

describe('what is done to the failures', () => {
  const plant = (kind: LogFault['kind'], change?: LogFault['change']) =>
    run({ from: 'parser', fault: { kind, topic: failed, ...(change && { change }) } });

  test('one that is missing', async () => {
    expect(faults(await plant('drop'))).toEqual({ [`${failed}.lost`]: 1 });
  });

  test('one that is there twice', async () => {
    expect(faults(await plant('double'))).toEqual({ [`${failed}.duplicated`]: 1 });
  });

  test('one that nobody knows of', async () => {
    const report = await plant('add', () => ({ value: Buffer.from(`{"failure": "${world.mark}"}`) }));
    expect(faults(report)).toEqual({ [`${failed}.spurious`]: 1 });
  });
});

describe('what is done to the profiles', () => {
  test.each(['skip', 'mix-up'] as const)('%s', async (storeFault) => {
    const report = await run({ from: 'persister', storeFault });
    const { 'profiles.lost': _, ...found } = faults(report);
    expect(Object.keys(found)).toEqual(['profiles.corrupted', 'profiles']);
    expect(report.verdict).toBe('fail');
    expect(report.findings[0]).toMatchObject({ kind: 'wrong profile', hop: persisted });
    expect(report.findings[0]?.fields).toHaveLength(1);
  });

  /** Does something to the store when all is done, so that no event shows it. */
  const afterwards = (sql: string) =>
    run({
      from: 'end',
      async sinks(folder) {
        const db = new DatabaseSync(places(folder).profiles);
        expect(db.prepare(sql).run().changes, 'the fault has happened').toBe(1);
        db.close();
        return [];
      },
    });

  test('one that is altered in the store', async () => {
    const report = await afterwards(
      `UPDATE visitor SET value = (SELECT value FROM visitor ORDER BY rowid DESC LIMIT 1)
       WHERE rowid = (SELECT min(rowid) FROM visitor)`,
    );
    expect(faults(report)).toEqual({ 'profiles.corrupted': 1 });
    expect(report.verdict).toBe('fail');
    expect(report.findings).toMatchObject([
      { kind: 'wrong profile', hop: 'profiles', fields: [{ name: expect.stringMatching(/^profile-/) }] },
    ]);
  });

  test('one that is missing in the store', async () => {
    const report = await afterwards('DELETE FROM visitor WHERE rowid = (SELECT min(rowid) FROM visitor)');
    expect(faults(report)).toEqual({ 'profiles.lost': 1 });
    expect(report.findings).toMatchObject([{ kind: 'missing profile', hop: 'profiles' }]);
  });

  test('a store that is not there is unknown', async () => {
    const report = await run({
      from: 'end',
      sinks: (folder) => rm(places(folder).profiles).then(() => []),
    });
    expect(faults(report)).toEqual({});
    expect(report).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/profile.* cannot be read/)],
    });
  });

  test('a change that is handed over twice does no harm', async () => {
    expect(faults(await run({ from: 'persister', storeFault: 'double' }))).toEqual({});
  });
});

describe('what nobody can know', () => {
  test('requests without an answer may have arrived or not', async () => {
    const other = await withAnswers('unknown', ({ outcome }) => outcome === 'acknowledged');
    const arrived = await run({ from: 'end', ledger: other });
    expect(faults(arrived)).toEqual({});
    expect(arrived.hops[0]).toMatchObject({ lost: 0 });
    expect(arrived.hops[0]!.indeterminate).toBeGreaterThan(100);
    // All of it came through, but none of it had to.
    expect(arrived.verdict).toBe('unknown');
  });

  test('of two requests without an answer one arrived', async () => {
    let arriving: number | undefined;
    let missing: number | undefined;
    for await (const { request, digest, expect: what } of readIntents(world.ledger)) {
      if (digest === world.target.digest) missing = request;
      else if (what === 'processed') arriving ??= request;
    }
    const other = await withAnswers('two', ({ request }) => request === arriving || request === missing);
    const report = await run({
      from: 'shipper',
      ledger: other,
      lines: (lines) => lines.filter((line) => !line.includes(world.target.id)),
    });
    expect(faults(report)).toEqual({});
    expect(report.verdict).toBe('pass');
    expect(report.hops[0]).toMatchObject({ indeterminate: 1 });
    // Once it was seen it may not vanish.
    const lost = await run({
      from: 'parser',
      ledger: other,
      fault: { kind: 'drop', topic: processed, matches: isTarget },
    });
    expectOnly(lost, processed, 'lost', 'lost');
  });

  test('no traffic proves nothing', async () => {
    const none = join(world.root, 'ledger-none');
    await cp(world.ledger, none, { recursive: true });
    await writeFile(join(none, 'intents.ndjson'), '');
    await writeFile(join(none, 'answers.ndjson'), '');
    const report = await run({ from: 'shipper', ledger: none, lines: () => [] });
    expect(report.verdict).toBe('unknown');
    expect(report.reasons).toEqual(['no event was acknowledged, so nothing is proven']);
  });

  async function withAnswers(name: string, isUnknown: (answer: Answer) => boolean): Promise<string> {
    const other = join(world.root, `ledger-${name}`);
    await cp(world.ledger, other, { recursive: true });
    const file = join(other, 'answers.ndjson');
    const answers = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    const changed = answers.map((answer) =>
      isUnknown(answer) ? { ...answer, status: null, outcome: 'unknown' } : answer,
    );
    await writeFile(file, changed.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    return other;
  }
});

describe('what the sink does', () => {
  let server: SpawnedServer;
  beforeAll(async () => {
    server = await spawnClickHouseServer({ path: join(world.root, 'clickhouse') });
  }, 120_000);
  afterAll(() => server?.kill());

  const SINK = 'ClickHouse';
  let databases = 0;
  async function plant(fault?: Omit<LogFault, 'topic' | 'at'>): Promise<CheckReport> {
    const clickhouse = { url: server.url, database: `planted_${++databases}` };
    const reader = new ClickHouseReader(clickhouse, world.mark);
    try {
      return await run({
        from: 'end',
        async sinks(folder) {
          let log: PlantedLog | undefined;
          const planted = {
            matches: isTarget,
            topic: persisted,
            at: 'read' as const,
            kind: 'drop' as const,
            ...fault,
          };
          await runSink(folder, clickhouse, fault && { log: (inner) => (log = plantedLog(inner, planted)) });
          if (fault) expect(log?.hit, 'the fault has happened').toBeDefined();
          return [reader];
        },
      });
    } finally {
      await reader.close();
    }
  }

  test('nothing, and it passes', async () => {
    const report = await plant();
    expect(faults(report)).toEqual({});
    expect(report.verdict).toBe('pass');
    expect(report.hops.at(-1)!.delivered).toBe(report.hops.at(-2)!.delivered);
  });

  test('a row that is missing', async () => {
    expectOnly(await plant({ kind: 'drop' }), SINK, 'lost', 'lost');
  });

  test('a row that is there twice is one to whoever asks', async () => {
    expect(faults(await plant({ kind: 'double' }))).toEqual({});
  });

  test('a row that is there twice, under two visitors', async () => {
    const report = await plant({ kind: 'add', change: () => ({ key: Buffer.from('another visitor') }) });
    expectOnly(report, SINK, 'duplicated', 'duplicated');
  });

  test('a row with another value', async () => {
    const report = await plant({ kind: 'alter', change: otherResolution });
    expectOnly(report, SINK, 'corrupted', 'corrupted');
    expect(report.findings[0]?.fields).toContainEqual({
      name: 'query-res',
      expected: world.target.resolution,
      seen: '7x9',
    });
  });

  test('a row that nobody sent', async () => {
    const report = await plant({ kind: 'add', change: (one) => underId(one, STRANGER) });
    expect(faults(report)).toEqual({ [`${SINK}.spurious`]: 1 });
  });
});
