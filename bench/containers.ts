import { startContainersStack } from '../containers/definitions/stack.ts';
import { connectEngine, containerUsage } from '../containers/engine/index.ts';
import type { Benchmark } from './benchmark.ts';
import { runEndToEnd } from './end-to-end/benchmark.ts';
import { benchRun } from './servers/run-name.ts';

export const containersBenchmark: Benchmark = {
  name: 'containers',
  run: (context) =>
    runEndToEnd(context, {
      title: 'containers, end to end',
      folder: 'containers',
      flags: ['--stack', 'containers'],
      aim: 4_000,
      warmUpSeconds: 45,
      async start(options) {
        const run = benchRun();
        const engine = await connectEngine();
        const stack = await startContainersStack({ ...options, run, signal: context.signal });
        return { stack, servers: () => containerUsage(engine, run) };
      },
    }),
};
