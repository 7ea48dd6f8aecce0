import { expect, test } from 'vitest';
import type { ProcessUsage } from '../../containers/process-usage.ts';
import { Sampler } from './sampler.ts';

const PROGRESS = { records: {}, lag: { parser: 3 }, behind: {}, unshippedBytes: 6_000 };

/** A run with a parser whose process and usage are what the test says. */
function run() {
  let pid = 10;
  let usage: ProcessUsage | undefined;
  const stack = { progress: async () => PROGRESS, pids: () => new Map([['parser', pid]]) };
  const sampler = new Sampler(stack, (asked) => (asked === pid ? usage : undefined));
  return {
    sampler,
    now(process: number, cpuSeconds: number | undefined, peakMemoryBytes = 1) {
      pid = process;
      usage = cpuSeconds === undefined ? undefined : { cpuSeconds, peakMemoryBytes, memoryBytes: 1 };
      return sampler.processes();
    },
  };
}

test('a role that was started again: its processes are added up, the memory is the most of one', async () => {
  const { now } = run();
  await now(10, 2, 500);
  await now(10, 5, 900);
  expect(await now(11, 1, 700)).toEqual([{ role: 'parser', cpuSeconds: 6, peakMemoryBytes: 900 }]);
  await now(11, undefined);
  expect(await now(12, 3)).toEqual([{ role: 'parser', cpuSeconds: 9, peakMemoryBytes: 900 }]);
});

test('a sample says what is behind, the access log included', async () => {
  const { sampler } = run();
  await sampler.sample(7);
  expect(sampler.timeline).toEqual([
    { at: expect.any(Number), counts: { sent: 7 }, lag: { parser: 3 }, unshippedBytes: 6_000 },
  ]);
});

test('servers in containers have their place beside the processes; one that was started again is added up', async () => {
  let cpuSeconds = 0;
  const memory = [100, 300, 200];
  const sampler = new Sampler({
    progress: async () => PROGRESS,
    pids: () => new Map(),
    serverUsage: async () => new Map([['kafka', { cpuSeconds, memoryBytes: memory.shift()! }]]),
  });
  cpuSeconds = 4;
  await sampler.sample(0);
  expect(sampler.timeline[0]?.memory).toMatchObject({ kafka: 100 });
  cpuSeconds = 6;
  await sampler.processes();
  cpuSeconds = 1;
  expect(await sampler.processes()).toContainEqual({ role: 'kafka', cpuSeconds: 7, peakMemoryBytes: 300 });
});
