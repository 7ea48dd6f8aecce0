import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger, readIntents } from '../../simulator/ledger/index.ts';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import { checkDeclared, type DeclaredCheck } from './check-declared.ts';
import { proveDeclared } from './prove-declared.ts';
import type { DeclaredReader, DeclaredRecord } from './reader.ts';

let folder: string;
let ledger: string;
/** What a hop shows that gets everything as it was sent, repeats included. */
let sent: DeclaredRecord[];
/** How many different events that are. */
let different: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickproof-declared-'));
  ledger = join(folder, 'ledger');
  const settings = trafficSettings.parse({ rate: '100/s', duration: '4s', faulty: '20%', seed: 9 });
  const began = Date.now();
  const writer = openLedger(ledger, {
    ...{ schema: 1, mark: runMark(settings), seed: settings.seed, began, target: 'http://x', settings },
  });
  for (const plan of planTraffic(settings)) {
    writer.intend(plan, plan.due);
    writer.flush();
    const times = { request: plan.request, sent: began, answered: began };
    writer.answer({ ...times, status: 200, outcome: 'acknowledged' });
  }
  writer.close();
  sent = [];
  for await (const { expect: outcome, events } of readIntents(ledger)) {
    if (outcome !== 'processed' && outcome !== 'failed') continue;
    for (const { id, expect: fate, fields } of events) {
      if (id === null || fate === 'failed') continue;
      const url = fields['event-page_url'];
      sent.push({
        ...{ id: id.toUpperCase(), where: `row ${sent.length}` },
        fields: { page_url: url === undefined ? undefined : String(url) },
      });
    }
  }
  different = new Set(sent.map(({ id }) => id)).size;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A hop that shows these. */
function hop(
  records: readonly DeclaredRecord[],
  more: Partial<Pick<DeclaredReader, 'name' | 'fields' | 'repeats'>> = {},
): DeclaredReader {
  return {
    ...{ name: 'hop', fields: ['page_url'], repeats: 'either' },
    ...more,
    begin: async () => {},
    async *records() {
      yield* records;
    },
    close: async () => {},
  };
}

const check = (...readers: DeclaredReader[]) =>
  checkDeclared({ ledger, readers, folder: join(folder, 'check') });
const faults = ({ hops }: DeclaredCheck) =>
  hops.map(({ lost, duplicated, corrupted, spurious }) => ({ lost, duplicated, corrupted, spurious }));
const NONE = { lost: 0, duplicated: 0, corrupted: 0, spurious: 0 };
const once = () => [...new Map(sent.map((record) => [record.id, record])).values()];
const withUrl = () => sent.findIndex(({ fields }) => fields.page_url !== undefined);

describe('a hop of somebody’s own pipeline', () => {
  it('is clean with every event as often as it was sent, or once', async () => {
    expect(sent.length).toBeGreaterThan(different);
    for (const records of [sent, once(), sent.toReversed()]) {
      const result = await check(hop(records));
      expect(faults(result)).toEqual([NONE]);
      expect(result.hops[0]).toMatchObject({ records: records.length, foreign: 0 });
      expect(result.acknowledged).toBe(sent.length);
    }
  });

  it('owes each sending where repeats are kept, and may show one where they are removed', async () => {
    const repeats = sent.length - different;
    expect(faults(await check(hop(once(), { repeats: 'kept' })))).toEqual([{ ...NONE, lost: repeats }]);
    expect(faults(await check(hop(sent, { repeats: 'kept' })))).toEqual([NONE]);
    expect(faults(await check(hop(sent, { repeats: 'removed' })))).toEqual([
      { ...NONE, duplicated: repeats },
    ]);
    expect(faults(await check(hop(once(), { repeats: 'removed' })))).toEqual([NONE]);
  });

  it('that lost, doubled or altered one says so, with an example', async () => {
    const single = sent.findIndex(({ id }) => sent.filter((other) => other.id === id).length === 1);
    const lost = await check(hop(sent.toSpliced(single, 1)));
    expect(faults(lost)).toEqual([{ ...NONE, lost: 1 }]);
    expect(lost.findings[0]).toMatchObject({ kind: 'lost', key: sent[single]!.id!.toLowerCase() });

    const doubled = await check(hop([...sent, sent[single]!]));
    expect(faults(doubled)).toEqual([{ ...NONE, duplicated: 1 }]);

    const at = withUrl();
    const altered = await check(hop(sent.with(at, { ...sent[at]!, fields: { page_url: 'http://other/' } })));
    expect(faults(altered)).toEqual([{ ...NONE, corrupted: 1 }]);
    expect(altered.findings).toMatchObject([
      { kind: 'corrupted', fields: [{ name: 'page_url', seen: 'http://other/' }] },
    ]);
    const emptied = await check(hop(sent.with(at, { ...sent[at]!, fields: {} })));
    expect(faults(emptied)).toEqual([{ ...NONE, corrupted: 1 }]);
  });

  it('is blamed for what it did itself, not for what came to it like that', async () => {
    const single = sent.findIndex(({ id }) => sent.filter((other) => other.id === id).length === 1);
    const at = withUrl() === single ? single + 1 : withUrl();
    const broken = sent.with(at, { ...sent[at]!, fields: { page_url: 'x' } }).toSpliced(single, 1);
    const result = await check(hop(broken, { name: 'first' }), hop(broken, { name: 'second' }));
    expect(faults(result)).toEqual([{ ...NONE, lost: 1, corrupted: 1 }, NONE]);
  });

  it('may show other people’s events, and records that are none', async () => {
    const foreign = [
      { id: '00000000-0000-4000-8000-000000000000', fields: { page_url: 'http://a/' }, where: 'row x' },
      { id: undefined, fields: {}, where: 'row y' },
    ];
    const result = await check(hop([...sent, ...foreign]));
    expect(faults(result)).toEqual([NONE]);
    expect(result.hops[0]!.foreign).toBe(2);
  });
});

describe('the proof', () => {
  const patience = { settle: 10, patience: 400 };

  it('waits while more is coming, and passes when all is there', async () => {
    let looks = 0;
    const slow = {
      ...hop([]),
      async *records() {
        yield* sent.slice(0, ++looks * 100);
      },
    };
    const proof = await proveDeclared({
      ledger,
      readers: [slow],
      folder: join(folder, 'check'),
      ...patience,
    });
    expect(proof).toMatchObject({ verdict: 'pass', reasons: [] });
    expect(looks).toBeGreaterThan(sent.length / 100);
  });

  it('is unknown where nothing can be seen, or nothing is stated of a field', async () => {
    const options = { ledger, folder: join(folder, 'check'), ...patience };
    expect(await proveDeclared({ ...options, readers: [] })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('no hop is declared')],
    });
    const reader = hop(sent, { fields: ['page_url', 'no_such_field'] });
    expect(await proveDeclared({ ...options, readers: [reader] })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('no_such_field')],
    });
  });
});
