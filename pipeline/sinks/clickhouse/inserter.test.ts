import { ClickHouseError } from '@clickhouse/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silent } from '../../contracts/running.ts';
import { Inserter, type InserterOptions } from './inserter.ts';

const refusal = () => new ClickHouseError({ message: 'cannot parse', code: '27', type: 'X' });
const row = (text: string) => Buffer.from(`${text}\n`);
const textOf = (rows: Buffer) => rows.toString().split('\n').slice(0, -1);

function inserter(insert: (rows: string[]) => Promise<void>, options: Partial<InserterOptions> = {}) {
  return new Inserter({
    insert: (rows) => insert(textOf(rows)),
    batchRows: 10,
    batchBytes: 1_000,
    batchAgeMs: 1,
    retryMinMs: 1,
    retryMaxMs: 2,
    diagnostics: silent,
    ...options,
  });
}

describe('Inserter', () => {
  it('finds the refused rows, inserts all others, whatever fails in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.boolean(), { maxLength: 30 }), { maxLength: 4 }),
        fc.array(fc.boolean(), { maxLength: 10 }),
        async (callers, outages) => {
          const inserted: string[] = [];
          const outage = outages.values();
          const sut = inserter(async (rows) => {
            if (outage.next().value) throw new Error('connection refused');
            if (rows.some((text) => text.startsWith('bad'))) throw refusal();
            inserted.push(...rows);
          });
          const results = await Promise.all(
            callers.map((good, caller) =>
              sut.add(good.map((isGood, i) => row(`${isGood ? 'good' : 'bad'} ${caller}.${i}`))),
            ),
          );
          const wanted = callers.flatMap((good, caller) =>
            good.flatMap((isGood, i) => (isGood ? [`good ${caller}.${i}`] : [])),
          );
          expect(inserted.sort()).toEqual(wanted.sort());
          expect(results.map((refused) => refused.map(({ index }) => index))).toEqual(
            callers.map((good) => good.flatMap((isGood, i) => (isGood ? [] : [i]))),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('puts the rows of several callers into one insert, no more than a batch holds', async () => {
    const sizes: number[] = [];
    const sut = inserter(async (rows) => void sizes.push(rows.length), { batchRows: 4, batchAgeMs: 60_000 });
    for (let caller = 0; caller < 3; caller++) sut.join();
    const rows = [row('x'), row('y')];
    await Promise.all([sut.add(rows), sut.add(rows)]);
    expect(sizes).toEqual([4]);
    await sut.add([...rows, ...rows, ...rows, ...rows, row('last')], true);
    expect(sizes).toEqual([4, 4, 4, 1]);
  });

  it('lets go of rows whose partition was revoked, and inserts those that come later', async () => {
    const inserted: string[][] = [];
    const sut = inserter(async (rows) => void inserted.push(rows), { batchAgeMs: 20 });
    for (let caller = 0; caller < 3; caller++) sut.join();
    const revoked = new AbortController();
    const waiting = sut.add([row('old')], false, revoked.signal).catch((error: Error) => error.message);
    revoked.abort(new Error('revoked'));
    expect(await waiting).toBe('revoked');
    // Longer than the timer that was set for it.
    await new Promise((resolve) => setTimeout(resolve, 40));
    await sut.add([row('new')]);
    expect(inserted).toEqual([['new']]);
  });

  it('gives up when it is stopped', async () => {
    const sut = inserter(async () => {
      throw new Error('connection refused');
    });
    const waiting = sut.add([row('x')]).catch((error: Error) => error.message);
    await sut.stop();
    expect(await waiting).toBe('the sink stops');
    await expect(sut.add([row('y')])).rejects.toThrow('the sink stops');
  });
});
