import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CLEAN, CLICKPROOF, outcome, simulated } from '../../scenarios/correctness/embedded.ts';
import { runTraffic } from '../../scenarios/runs/run-traffic.ts';
import type { ControlledStack } from '../controlled-stack.ts';
import { startContainersStack } from '../definitions/stack.ts';
import type { Stack } from '../stack.ts';
import { engineForTests, testRun } from '../testing/engine.ts';

const { engine, why } = await engineForTests();

/** Seldom: looking at lags is work for Kafka, too. */
const LOOK_MS = 500;

/** Waits until so many more records have been written to a topic. */
async function flow(stack: Stack, topic: string, records: number): Promise<void> {
  const written = async () => (await stack.progress()).records[topic]!;
  const enough = (await written()) + records;
  while ((await written()) < enough) await sleep(LOOK_MS);
}

/** Waits until a worker has committed records: it has partitions, and they have some. */
async function worked(stack: ControlledStack, role: string): Promise<void> {
  const own = async () => (await stack.stats(role))[role] as { readonly records: number } | undefined;
  while (((await own())?.records ?? 0) === 0) await sleep(LOOK_MS);
}

describe.skipIf(!engine)(`two parsers in one group on real Kafka ${why}`, () => {
  it('loses and repeats nothing when one is killed and another joins in mid-run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clickproof-scale-out-'));
    const sending = new AbortController();
    let stack: ControlledStack | undefined;
    try {
      stack = await startContainersStack({
        run: testRun('scale-out'),
        dataDir: join(folder, 'data'),
        clickproof: CLICKPROOF,
        // Of two that are called alike, faults hit the first.
        workers: [
          ['parser'],
          ['parser'],
          ['flattener', 'persister', 'clickhouse-sink', 'elasticsearch-sink'],
        ],
        restart: false,
      });
      const faults = async () => {
        const under = stack!;
        await worked(under, 'parser');
        await flow(under, 'tracking_processed', 100);
        await under.kill('parser', 'SIGKILL');
        // The other one takes over the dead one's partitions,
        await flow(under, 'tracking_processed', 300);
        // and hands some of them back to one that joins.
        await under.start('parser');
        await worked(under, 'parser');
        await flow(under, 'tracking_processed', 100);
      };
      const result = await runTraffic({
        stack,
        traffic: simulated({ duration: '1h', rate: '50/s', seed: 17, visitors: 300, dwellScale: 0.05 }),
        folder,
        command: 'scenario',
        reproduce: '',
        stopSending: sending.signal,
        faults: () => faults().finally(() => sending.abort()),
      });
      expect(outcome(result)).toEqual(CLEAN);
      expect(result.restarts).toEqual([]);
      expect(result.traffic.answers.acknowledged).toBeGreaterThan(300);
    } finally {
      await stack?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 400_000);
});
