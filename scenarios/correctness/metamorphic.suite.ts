import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createTopics,
  PARTITIONS,
  places,
  record,
  runStage,
  runTogether,
  STAGES,
} from '../faults/in-process.ts';
import { aligned, type Lines, later, merged, repeatedIds, shuffled, split } from '../metamorphic/changes.ts';
import { differences, type FinalState, finalState, type Lens } from '../metamorphic/final-state.ts';

/** Traffic in which every way of the world is to be found, recorded once; then the same lines in other ways. */
const TRAFFIC = { duration: '20s', rate: '60/s', visitors: 60, seed: 23, faulty: '15%' };
const HOUR = 3_600_000;

let root: string;
let lines: Lines;
let repeated: ReadonlySet<string>;
let usual: FinalState;

interface Way {
  readonly lines?: Lines;
  /** The file is shipped so often. */
  readonly times?: number;
  readonly partitions?: number;
  /** All stages at once in one process, instead of one after the other. */
  readonly together?: boolean;
  readonly lens?: Lens;
}

let ways = 0;

/** Runs lines through the pipeline from the shipper on. */
async function endOf({
  lines: given = lines,
  times = 1,
  partitions,
  together,
  lens,
}: Way): Promise<FinalState> {
  const folder = join(root, `way-${++ways}`);
  await mkdir(folder);
  const text = given.map((line) => `${line}\n`).join('');
  await writeFile(places(folder).accessLog, text.repeat(times), 'latin1');
  await createTopics(folder, partitions);
  if (together) await runTogether(folder);
  else for (const stage of STAGES) await runStage(stage, folder);
  const state = await finalState(folder, { lens, repeated });
  await rm(folder, { recursive: true });
  return state;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'clickproof-metamorphic-'));
  const recorded = join(root, 'recorded');
  await mkdir(recorded);
  await record(recorded, join(root, 'ledger'), TRAFFIC);
  lines = (await readFile(places(recorded).accessLog, 'latin1')).split('\n').slice(0, -1);
  repeated = repeatedIds(lines);
  expect(repeated.size).toBeGreaterThan(5);
  usual = await endOf({});
  expect(usual.events.size).toBeGreaterThan(500);
  expect(usual.profiles.size).toBeGreaterThan(30);
}, 120_000);

afterAll(() => rm(root, { recursive: true, force: true }));

/** Park and Miller's minimal standard. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test.each([1, 2])('visitors in another order (%i) come to the same end', async (seed) => {
  const mixed = shuffled(lines, seeded(seed));
  expect(mixed).not.toEqual(lines);
  expect(mixed.toSorted()).toEqual(lines.toSorted());
  expect(differences(await endOf({ lines: mixed }), usual)).toEqual([]);
});

test('a file that is sent twice counts once', async () => {
  expect(differences(await endOf({ times: 2 }), usual)).toEqual([]);
});

test('batches that are split come to the same end', async () => {
  const single = split(lines);
  expect(single.length).toBeGreaterThan(lines.length + 20);
  expect(differences(await endOf({ lines: single }), usual)).toEqual([]);
});

test('batches that are merged come to the same end', async () => {
  const joined = merged(lines);
  expect(joined.length).toBeLessThan(lines.length - 5);
  expect(differences(await endOf({ lines: joined }), await endOf({ lines: aligned(lines) }))).toEqual([]);
});

test.each([1, 2 * PARTITIONS + 1])('%i partitions come to the same end', async (partitions) => {
  expect(differences(await endOf({ partitions }), usual)).toEqual([]);
});

test('stages that run at once come to the same end as one after the other', async () => {
  expect(differences(await endOf({ together: true }), usual)).toEqual([]);
});

test('clocks that are an hour ahead shift times, and nothing else', async () => {
  const back: Lens = (name, value) => {
    if (/^query-(dtm|stm|ttm)$|^event-event_fingerprint$/.test(name)) return undefined;
    const isTime = /^event-.*_tstamp$|^profile-(first|last)_seen$/.test(name);
    return isTime ? shift(String(value)) : value;
  };
  const shift = (text: string) => new Date(Date.parse(text) - HOUR).toISOString();
  const unshifted: Lens = (name, value) => {
    const kept = back(name, value);
    return kept === undefined || kept === value ? kept : new Date(String(value)).toISOString();
  };
  const ahead = await endOf({ lines: later(lines, HOUR), lens: back });
  expect(differences(ahead, await endOf({ lens: unshifted }))).toEqual([]);
});
