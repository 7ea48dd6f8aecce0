import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Stack } from '../../containers/stack.ts';
import { CLEAN, outcome, runScenario, simulated } from './embedded.ts';

const ROLES = [
  'shipper',
  'parser',
  'flattener',
  'persister',
  'clickhouse-sink',
  'clickhouse',
  'collector',
] as const;

/** Waits until so many more records have been written to the topics. */
async function flow(stack: Stack, records: number): Promise<void> {
  const written = async () =>
    Object.values((await stack.progress()).records).reduce((sum, count) => sum + count, 0);
  const enough = (await written()) + records;
  while ((await written()) < enough) await sleep(50);
}

test('killing each process with SIGKILL in mid-run and starting it again leaves the ledger clean', async () => {
  const result = await runScenario(
    simulated({ duration: '1h', rate: '150/s', seed: 7, visitors: 300, dwellScale: 0.05 }),
    {
      async faults(stack) {
        for (const role of ROLES) {
          await flow(stack, 200);
          await stack.kill(role, 'SIGKILL');
          await sleep(300); // Long enough that work piles up in front of it.
          await stack.start(role);
        }
        await flow(stack, 200);
      },
    },
  );
  expect(outcome(result)).toEqual(CLEAN);
  expect(result.traffic.answers.acknowledged).toBeGreaterThan(200);
});
