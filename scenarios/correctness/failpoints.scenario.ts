import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Stack } from '../../containers/stack.ts';
import { CLEAN, outcome, runScenario, simulated } from './embedded.ts';

/** Where each stage dies, one after the other: after the claim, and on both sides of everything that becomes durable. */
const STEPS = {
  parser: ['parser.claim:after', 'parser.commit:before@2', 'parser.commit:after@2'],
  flattener: ['flattener.claim:after', 'flattener.commit:before@2', 'flattener.commit:after@2'],
  persister: [
    'persister.claim:after',
    'persister.store-claim:after',
    'persister.read:after@2',
    'persister.commit:before@2',
    // The outputs are there, the profile does not know of them yet.
    'persister.commit:after@2',
    'persister.apply:before@2',
    'persister.apply:after@2',
  ],
  'clickhouse-sink': [
    'clickhouse-sink.claim:after',
    // The rows are there, the offset does not know of them yet.
    'clickhouse-sink.commit-offset:before@2',
    'clickhouse-sink.commit-offset:after@2',
  ],
};

const isDown = (stack: Stack, role: string) => !stack.pids().has(role);

/** Kills the role at each of its steps in turn, then leaves it running. Returns the steps at which it died. */
async function dieAtEach(stack: Stack, role: string, steps: readonly string[]): Promise<string[]> {
  const died: string[] = [];
  await stack.kill(role, 'SIGKILL');
  for (const step of steps) {
    const environment = { CLICKPROOF_FAIL_POINTS: `${step.includes('@') ? step : `${step}@1`}=kill` };
    // It can die before it has said that it is ready.
    const how = await stack.start(role, environment).then(
      async () => {
        while (!isDown(stack, role)) await sleep(20);
        return stack.restarts.findLast((restart) => restart.role === role)?.how;
      },
      (error: Error) => error.message,
    );
    if (/ended by SIGKILL/.test(how ?? '')) died.push(step);
  }
  await stack.start(role);
  return died;
}

test('a stage that dies at any step of its protocol, while traffic flows, leaves the ledger clean', async () => {
  let died: Record<string, string[]> = {};
  const result = await runScenario(
    simulated({ duration: '1h', rate: '150/s', seed: 11, visitors: 300, dwellScale: 0.05 }),
    {
      async faults(stack) {
        const roles = Object.entries(STEPS);
        const deaths = await Promise.all(roles.map(([role, steps]) => dieAtEach(stack, role, steps)));
        died = Object.fromEntries(roles.map(([role], i) => [role, deaths[i]!]));
      },
    },
  );
  expect(died).toEqual(STEPS);
  expect(outcome(result)).toEqual(CLEAN);
  expect(result.traffic.answers.acknowledged).toBeGreaterThan(200);
});
