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

/** Kills a role once data has gone past it since the last fault, leaves it dead for a moment, starts it again. */
async function killAndStart(stack: Stack, role: string): Promise<void> {
  const seen = async () =>
    Object.values((await stack.progress()).records).reduce((sum, records) => sum + records, 0);
  const before = await seen();
  while ((await seen()) < before + 50) await sleep(20);
  await stack.kill(role, 'SIGKILL');
  await sleep(300);
  await stack.start(role);
}

test('killing each process with SIGKILL in mid-run and starting it again leaves the ledger clean', async () => {
  const killed: string[] = [];
  const result = await runScenario(simulated({ duration: '20s', rate: '150/s', seed: 7, visitors: 300 }), {
    async faults(stack) {
      for (const role of ROLES) {
        await killAndStart(stack, role);
        killed.push(role);
      }
    },
  });
  expect(outcome(result)).toEqual(CLEAN);
  expect(killed).toEqual([...ROLES]);
  expect(result.traffic.answers.acknowledged).toBeGreaterThan(1_000);
});
