import { availableParallelism } from 'node:os';
import { aimMet, type BenchmarkResult, type Result } from '../../reports/result.ts';
import type { BenchContext, BenchOutcome } from '../benchmark.ts';
import { figure } from '../figure.ts';
import { estimate } from '../statistics/estimate.ts';
import { closedLoop, profiledLoop } from './closed-loop.ts';
import type { StackKind } from './measured-stack.ts';
import { memoryRun } from './memory-run.ts';
import type { ProbeResult } from './probe.ts';
import { highestSustained, type SearchResult } from './search.ts';

const ROUNDS = 3;

/**
 * The highest rate that a stack sustains with every event accounted for: what a closed loop over all of it does, then open loops, each
 * checked against its ledger, from a little below that downwards.
 *
 * @throws ClickproofError RUN_FAILED, NOT_EXACT
 */
export async function runEndToEnd(context: BenchContext, kind: StackKind): Promise<BenchOutcome> {
  const { quick, signal, say } = context;
  const loops = [];
  for (let round = 1; round <= (quick ? 1 : ROUNDS) && (round === 1 || !signal.aborted); round++) {
    say(`${kind.folder}: closed loop over the whole pipeline, ${round}`);
    const one = await closedLoop(context, kind, round);
    say(
      `${kind.folder}: ${Math.round(one.eventsPerSecond)} events/s, ${one.coresUsed.toFixed(1)} cores used; CPU an event, µs: ${costs(one)}`,
    );
    loops.push(one);
  }
  const samples = loops.map(({ eventsPerSecond }) => eventsPerSecond);
  const last = loops.at(-1)!;
  const loop: BenchmarkResult = {
    ...figure({
      name: `${kind.title}, closed loop`,
      unit: 'events/s',
      samples,
      notes: [bottleneck(last), ...memoryOf(last.serverMemory)],
    }),
    cpuPerEvent: last.cpuPerEvent,
  };
  if (signal.aborted) return { figures: [loop] };
  const most = estimate(samples).median;
  const found = await highestSustained(context, kind, most);
  const { result } = found.run;
  const sustained = sustainedFigure(kind, found, most);
  const figures: BenchmarkResult[] = [sustained, loop];
  if (kind.memoryAim !== undefined) {
    figures.push(peakMemory(result, kind.memoryAim));
    if (context.minutes > 0 && !signal.aborted) figures.push(await memoryRun(context, kind, found.rate));
  }
  if (aimMet(sustained) === false && !quick && !signal.aborted) {
    say(`${kind.folder}: below its aim, looks where the time goes`);
    figures[0] = { ...sustained, profile: await profiledLoop(context, kind) };
  }
  return { figures, run: result };
}

function sustainedFigure(
  kind: StackKind,
  { run: { result, sustained }, rate, tried }: SearchResult,
  most: number,
): BenchmarkResult {
  return figure({
    name: `${kind.title}, sustained`,
    unit: 'events/s',
    samples: [sustained ? result.traffic.eventsPerSecond : 0],
    reference: { name: 'the same stack in a closed loop, nothing checked', samples: [most] },
    published: [
      {
        name: 'three stages in Python, one message at a time, both cores',
        value: Math.round((2 * 1e6) / 3_500),
        source: '3.5 ms CPU an event over the three stages on the same kind of machine, docs/benchmarks.md',
      },
    ],
    aim: kind.aim,
    notes: [
      `all servers, the generator, the ledger and the look-outs ran on the same ${result.machine.cores} cores`,
      `open loop at ${Math.round(rate)} events/s for ${result.traffic.seconds.toFixed(0)} s; the ledger of this run: ${result.verdict}`,
      ...tried,
    ],
  });
}

function peakMemory(result: Result, aim: number): BenchmarkResult {
  return figure({
    name: 'peak memory of all processes',
    unit: 'MB',
    samples: [result.peakMemoryBytes / 1e6],
    aim,
    better: 'less',
    notes: [
      result.processes
        .map(({ role, peakMemoryBytes }) => `${role} ${Math.round(peakMemoryBytes / 1e6)}`)
        .join(', '),
      'the most of all together at one time, pages that processes share counted once; of each by itself the most that was resident',
    ],
  });
}

function bottleneck({ coresUsed }: ProbeResult): string {
  const what = coresUsed > 0.9 * availableParallelism() ? 'the processor' : 'waiting, or other programs,';
  return `${coresUsed.toFixed(1)} cores busy with it: ${what} was the bottleneck`;
}

function memoryOf(servers: ReadonlyMap<string, number>): string[] {
  const each = [...servers].map(([name, bytes]) => `${name} ${Math.round(bytes / 1e6)}`);
  return each.length === 0 ? [] : [`memory of the servers, MB: ${each.join(', ')}`];
}

const costs = (one: ProbeResult) =>
  one.cpuPerEvent.map(({ role, microseconds }) => `${role} ${Math.round(microseconds)}`).join(', ');
