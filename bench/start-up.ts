import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlledStack } from '../containers/controlled-stack.ts';
import { type ContainersStackOptions, startContainersStack } from '../containers/definitions/stack.ts';
import { startEmbeddedStack } from '../containers/embedded/stack.ts';
import { startsDuring, type TimedStart } from '../containers/timed-start.ts';
import type { BenchmarkResult } from '../reports/result.ts';
import type { BenchContext, Benchmark, BenchOutcome } from './benchmark.ts';
import { figure } from './figure.ts';
import { benchRun } from './servers/run-name.ts';
import { estimate } from './statistics/estimate.ts';
import { interleave } from './statistics/interleave.ts';

/** Seconds. */
const AIM = 40;
const ROUNDS = 3;

export const startUpBenchmark: Benchmark = { name: 'start-up', run };

/** Times in seconds since the start was asked for. */
interface StartUp {
  readonly seconds: number;
  readonly parts: readonly { readonly name: string; readonly took: number; readonly readyAt: number }[];
}

async function run(context: BenchContext): Promise<BenchOutcome> {
  const { scratch, clickproof, signal, quick, say } = context;
  const timed = async (start: (dataDir: string) => Promise<ControlledStack>): Promise<StartUp> => {
    const dataDir = await mkdtemp(join(scratch, 'stack-'));
    const began = performance.now();
    const { result: stack, starts } = await startsDuring(() => start(dataDir));
    const seconds = (performance.now() - began) / 1000;
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
    return { seconds, parts: starts.map((one) => part(one, began)) };
  };
  const inContainers = (more: Pick<ContainersStackOptions, 'collector' | 'shipper'>) => () =>
    timed((dataDir) => startContainersStack({ dataDir, clickproof, run: benchRun(), signal, ...more }));
  say('start-up: starts and stops each stack in turns');
  const { containers, theirs, embedded } = await interleave(
    {
      containers: inContainers({}),
      theirs: inContainers({ collector: 'nginx', shipper: 'filebeat' }),
      embedded: () => timed((dataDir) => startEmbeddedStack({ dataDir, clickproof })),
    },
    quick ? 1 : ROUNDS,
    // Everybody's first start is a cold one.
    false,
  );
  const reference = { name: 'the embedded stack', samples: embedded.map(({ seconds }) => seconds) };
  const of = (name: string, startUps: readonly StartUp[]): BenchmarkResult =>
    figure({
      name,
      unit: 's',
      samples: startUps.map(({ seconds }) => seconds),
      reference,
      aim: AIM,
      better: 'less',
      notes: [
        'from images that are there already, until every role says that it is ready',
        ...shares(startUps),
      ],
    });
  return {
    figures: [
      of('start-up of the containers’ stack', containers),
      of('start-up with Nginx and Filebeat', theirs),
    ],
  };
}

function part({ name, began, ready }: TimedStart, since: number): StartUp['parts'][number] {
  return { name, took: (ready - began) / 1000, readyAt: (ready - since) / 1000 };
}

/** What took how long, in the order in which it got ready: medians. */
function shares(startUps: readonly StartUp[]): string[] {
  const names = startUps[0]!.parts.map(({ name }) => name);
  const each = names.map((name) => {
    const parts = startUps.flatMap((one) => one.parts.find((candidate) => candidate.name === name) ?? []);
    const median = (values: readonly number[]) => estimate(values).median;
    return {
      readyAt: median(parts.map(({ readyAt }) => readyAt)),
      text: `${name} ${median(parts.map(({ took }) => took)).toFixed(1)} s (ready after ${median(parts.map(({ readyAt }) => readyAt)).toFixed(1)})`,
    };
  });
  return [
    each
      .sort((a, b) => a.readyAt - b.readyAt)
      .map(({ text }) => text)
      .join(', '),
  ];
}
