import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ORACLE_SETTINGS, expectRequest } from '../oracle/index.ts';
import type { PlannedRequest } from '../plan/request.ts';
import { AppendFile } from './append-file.ts';
import { type Answer, openLedger, type RunRecord, readAnswers, readIntents, readRun } from './index.ts';
import { KNOWN_HEADERS } from './stored-intent.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const run: RunRecord = {
  schema: 1,
  mark: 'm',
  seed: 1,
  began: 1_700_000_000_000,
  target: 'http://x',
  settings: {},
  oracle: { clientAddress: '127.0.0.1' },
};

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

const plannedRequests: fc.Arbitrary<PlannedRequest[]> = fc
  .array(
    fc.record({
      due: fc.nat(),
      kind: fc.constantFrom('visitor' as const, 'invalid_utf8' as const),
      browser: fc.option(fc.string({ maxLength: 5 })),
      method: fc.constantFrom('GET', 'POST'),
      target: latin1.map((text) => `/i?${text}`),
      headers: fc.array(fc.tuple(fc.constantFrom('User-Agent', 'X'), latin1), { maxLength: 2 }),
      body: fc.oneof(
        fc.constant(null),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      ),
      expect: fc.constant('processed' as const),
      events: fc.constant(1),
    }),
    { maxLength: 20 },
  )
  .map((plans) => plans.map((plan, request) => ({ ...plan, request })));

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const simple = (request: number, part: Partial<PlannedRequest> = {}): PlannedRequest => ({
  request,
  due: request,
  kind: 'visitor',
  browser: 'b',
  method: 'GET',
  target: `/i?e=pv&p=web&eid=00000000-0000-4000-8000-00000000000${request}`,
  headers: [['User-Agent', 'u']],
  body: null,
  expect: 'processed',
  events: 1,
  ...part,
});

describe('the ledger', () => {
  it('gives back each request as it was planned, with what the oracle expects of it', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(plannedRequests, async (plans) => {
        const path = join(directory, String(round++));
        const writer = openLedger(path, run);
        for (const plan of plans) writer.intend(plan, plan.due);
        writer.close();
        const intents = await collect(readIntents(path));
        expect(intents).toHaveLength(plans.length);
        let last = -1;
        intents.forEach((intent, i) => {
          const { request, due, kind, browser, method, target, headers, body } = plans[i]!;
          const verdict = expectRequest(
            { method, target, headers, body },
            { ...DEFAULT_ORACLE_SETTINGS, clientAddress: '127.0.0.1' },
          );
          expect(intent).toMatchObject({
            request,
            due,
            kind,
            browser,
            method,
            target,
            digest: verdict.digest,
            expect: verdict.expect,
          });
          expect(intent.events.map(({ sequence: _sequence, ...event }) => event)).toEqual(verdict.events);
          for (const { sequence } of intent.events) {
            expect(sequence).toBeGreaterThan(last);
            last = sequence;
          }
        });
      }),
      { numRuns: 60 },
    );
    expect(readRun(join(directory, '0'))).toEqual(run);
  });

  it('knows as many lists of headers as it likes, in bounded memory', async () => {
    const writer = openLedger(join(directory, 'l'), run);
    const count = KNOWN_HEADERS * 2 + 10;
    for (let i = 0; i < count; i++)
      for (const agent of [`a${i}`, 'same'])
        writer.intend(simple(0, { request: i, headers: [['User-Agent', agent]] }), 0);
    writer.close();
    const agents = (await collect(readIntents(join(directory, 'l')))).map(
      ({ events }) => events[0]!.fields['event-useragent'],
    );
    expect(agents).toEqual(Array.from({ length: count }, (_, i) => [`a${i}`, 'same']).flat());
    const lists = readFileSync(join(directory, 'l/intents.ndjson'), 'utf8').match(/"headers":/g)!.length;
    expect(lists).toBeLessThan(count + 10);
  });

  it('survives being killed at any byte: whole lines are read, a torn end is counted', async () => {
    const path = join(directory, 'l');
    const writer = openLedger(path, run);
    for (let i = 0; i < 3; i++) writer.intend(simple(i), i);
    writer.close();
    const file = join(path, 'intents.ndjson');
    const whole = readFileSync(file);
    const ends = [...whole.keys()].filter((i) => whole[i] === 0x0a).map((i) => i + 1);
    for (let size = whole.length; size >= 0; size -= 7) {
      truncateSync(file, size);
      const reader = readIntents(path);
      const lines = ends.filter((end) => end <= size).length;
      expect(await collect(reader)).toHaveLength(Math.max(0, lines - 1));
      expect(reader.torn).toBe(size === 0 || ends.includes(size) ? 0 : 1);
    }
  });

  it('holds nothing back after a flush', () => {
    const writer = openLedger(join(directory, 'l'), run);
    const answer: Answer = { request: 0, sent: 1, answered: 2, status: 200, outcome: 'acknowledged' };
    writer.intend(simple(0), 0);
    writer.answer(answer);
    expect(statSync(join(directory, 'l/intents.ndjson')).size).toBe(0);
    writer.flush();
    expect(readFileSync(join(directory, 'l/intents.ndjson'), 'utf8').endsWith('}\n')).toBe(true);
    expect(JSON.parse(readFileSync(join(directory, 'l/answers.ndjson'), 'utf8'))).toEqual(answer);
    writer.close();
    writer.close();
  });

  it('refuses a directory that holds a ledger, and says so of what is none', async () => {
    openLedger(directory, run).close();
    expect(() => openLedger(directory, run)).toThrow(
      expect.objectContaining({ code: 'LEDGER_WRITE_FAILED' }),
    );
    expect(() => readRun(join(directory, 'x'))).toThrow(
      expect.objectContaining({ code: 'LEDGER_UNREADABLE' }),
    );
    await expect(collect(readAnswers(join(directory, 'x')))).rejects.toMatchObject({
      code: 'LEDGER_UNREADABLE',
    });
    appendFileSync(join(directory, 'answers.ndjson'), 'no json\n{}\n');
    await expect(collect(readAnswers(directory))).rejects.toThrow(/line 1 is no JSON/);
  });

  it('says that the disk is full, and leaves no half line behind', () => {
    const path = join(directory, 'file');
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let room = 30;
    const file = new AppendFile(path, 1_000, (fd, bytes, offset) => {
      if (room === 0) throw full;
      const part = bytes.subarray(offset, offset + room);
      room -= part.length;
      writeFileSync(fd, part);
      return part.length;
    });
    file.append('first');
    file.flush();
    file.append('x'.repeat(50));
    expect(() => file.flush()).toThrow(
      expect.objectContaining({ code: 'LEDGER_WRITE_FAILED', remedy: expect.stringContaining('--out') }),
    );
    expect(readFileSync(path, 'utf8')).toBe('first\n');
    file.close();
  });

  it('cannot begin where no directory can be made', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => openLedger(join(file, 'run'), run)).toThrow(
      expect.objectContaining({ code: 'LEDGER_WRITE_FAILED' }),
    );
  });
});
