import { startEmbeddedStack } from '../containers/embedded/stack.ts';
import type { Benchmark } from './benchmark.ts';
import { runEndToEnd } from './end-to-end/benchmark.ts';

export const endToEndBenchmark: Benchmark = {
  name: 'end-to-end',
  run: (context) =>
    runEndToEnd(context, {
      title: 'end to end',
      folder: 'end-to-end',
      flags: [],
      aim: 5_000,
      warmUpSeconds: 10,
      memoryAim: 1_000,
      start: async (options) => ({
        stack: await startEmbeddedStack(options),
        servers: async () => new Map(),
      }),
    }),
};
