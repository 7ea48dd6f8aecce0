import { appendFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCollector } from '../../pipeline/collector/fixtures/harness.ts';
import { engineForTests } from '../testing/engine.ts';
import { compareShipped } from './compare-shipped.ts';
import { requestCorpus } from './corpus/index.ts';
import { LINES, randomLines } from './corpus/lines.ts';
import { sendRequest } from './raw-http.ts';
import { SHIPPER_EXCEPTIONS } from './shipper-exceptions.ts';
import { Shippers } from './shippers.ts';

const { engine, why } = await engineForTests();

const RANDOM_LINES = 300;
const RANDOM_SEED = Number(process.env.CLICKPROOF_CONFORMANCE_SEED ?? Date.now() % 2 ** 31);

// One pair of shippers, one file, one test after the other: each adds lines, which must be shipped alike.
describe.skipIf(!engine)(`Filebeat and the built-in shipper ${why}`, () => {
  let shippers: Shippers;
  let lines = 0;
  const used = new Set<string>();
  beforeAll(async () => {
    shippers = await Shippers.start(engine!);
  });
  afterAll(() => shippers?.[Symbol.asyncDispose]());

  const append = (...added: readonly string[]) => {
    appendFileSync(shippers.logFile, Buffer.from(added.map((line) => `${line}\n`).join(''), 'latin1'));
    lines += added.length;
  };

  /** Compares the lines that were added since it was asked last. */
  async function expectAlike(): Promise<void> {
    const owed = lines;
    lines = 0;
    const shipped = await shippers.next(owed);
    const found = compareShipped(shipped, ({ message }) => message);
    for (const name of found.used) used.add(name);
    expect(found.faults).toEqual([]);
    expect(shipped.builtIn).toHaveLength(owed);
  }

  it('ship lines of all kinds alike', async () => {
    append(...LINES);
    await expectAlike();
  });

  it('ship what the collector wrote of the corpus of requests alike', async () => {
    await using collector = await testCollector();
    const { 'what a tracker sent': recorded, targets, headers } = requestCorpus();
    for (const request of Object.values({ ...recorded, ...targets, ...headers })) {
      await sendRequest(collector.port, request);
    }
    append(...readFileSync(collector.accessLog, 'latin1').split('\n').slice(0, -1));
    expect(lines).toBeGreaterThan(100);
    await expectAlike();
  });

  it(`ship ${RANDOM_LINES} random lines alike (seed ${RANDOM_SEED})`, async () => {
    append(...randomLines(RANDOM_LINES, RANDOM_SEED));
    await expectAlike();
  });

  it('drop empty lines', async () => {
    appendFileSync(shippers.logFile, '\n\r\n\n');
    append('{"a":"behind empty lines","partition_key":"e"}');
    await expectAlike();
  });

  it('wait for the end of a line', async () => {
    appendFileSync(shippers.logFile, '{"a":"unterm');
    append('inated no more","partition_key":"u"}');
    appendFileSync(shippers.logFile, '{"a":"not ended yet');
    append('","partition_key":"u"}');
    await expectAlike();
  });

  it('lose and repeat nothing when the log is rotated while it is written', async () => {
    for (let rotation = 1; rotation <= 3; rotation++) {
      for (let i = 0; i < 40; i++) {
        append(
          ...Array.from(
            { length: 25 },
            (_, n) => `{"rotation":"${rotation} ${i} ${n}","partition_key":"r${n}"}`,
          ),
        );
        await sleep(2);
      }
      renameSync(shippers.logFile, `${shippers.logFile}.${rotation}`);
      writeFileSync(shippers.logFile, '');
    }
    append('{"a":"in the last file","partition_key":"r"}');
    expect(lines).toBe(3_001);
    await expectAlike();
  }, 60_000);

  it('begin a file anew that was truncated behind them', async () => {
    truncateSync(shippers.logFile, 0);
    append('{"a":"t","partition_key":"t"}');
    await expectAlike();
  });

  it('no exception too many', () => {
    expect([...used].sort()).toEqual(SHIPPER_EXCEPTIONS.map(({ name }) => name).sort());
  });
});
