import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../pipeline/contracts/version.ts';
import { type BenchmarkResult, RESULT_SCHEMA, type Result } from '../reports/result.ts';
import { machine } from '../scenarios/runs/run-traffic.ts';
import type { Benchmark, BenchOptions } from './benchmark.ts';
import { CATALOGUE, NEED_AN_ENGINE } from './catalogue.ts';
import { collectorBenchmark } from './collector.ts';
import { comparisonBenchmark } from './comparison.ts';
import { containersBenchmark } from './containers.ts';
import { endToEndBenchmark } from './end-to-end.ts';
import { enrichmentBenchmark } from './enrichment.ts';
import { hopRatesBenchmark } from './hop-rates.ts';
import { othersAtWork } from './processes/others.ts';
import { shipperBenchmark } from './shipper.ts';
import { simulatorBenchmark } from './simulator.ts';
import { startUpBenchmark } from './start-up.ts';
import { figureLine } from './text.ts';

const BENCHMARKS: readonly Benchmark[] = [
  enrichmentBenchmark,
  simulatorBenchmark,
  collectorBenchmark,
  shipperBenchmark,
  comparisonBenchmark,
  hopRatesBenchmark,
  startUpBenchmark,
  endToEndBenchmark,
  containersBenchmark,
];

const ROUNDS = 9;
const QUICK_ROUNDS = 3;

/**
 * Runs benchmarks one after the other, never two at once.
 *
 * @returns the checked end-to-end run with all figures added; without that run, figures alone
 * @throws ClickproofError BENCH_FAILED, NOT_EXACT
 */
export async function runBench(options: BenchOptions): Promise<Result> {
  const { only, quick, signal, say } = options;
  const startedAt = new Date().toISOString();
  await mkdir(options.out, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), 'clickproof-bench-'));
  const { missingEngine: missing } = options;
  const context = { ...options, scratch, rounds: quick ? QUICK_ROUNDS : ROUNDS };
  const benchmarks: BenchmarkResult[] = [];
  const leftOut: string[] = [];
  let run: Result | undefined;
  try {
    for (const benchmark of BENCHMARKS) {
      if (signal.aborted || (only.length > 0 && !only.includes(benchmark.name))) continue;
      if (missing !== undefined && NEED_AN_ENGINE.includes(benchmark.name)) {
        leftOut.push(benchmark.name);
        say(`${benchmark.name}: left out, ${missing}`);
        continue;
      }
      say(`${benchmark.name}: ${CATALOGUE[benchmark.name]}`);
      const others = await othersAtWork();
      if (others !== undefined) say(`${benchmark.name}: ${others}`);
      const outcome = await benchmark.run(context).catch((error: unknown) => {
        // Ctrl-C gives up what is still starting; what was measured before is kept.
        if (!signal.aborted) throw error;
        return { figures: [], run: undefined };
      });
      for (const one of outcome.figures) say(figureLine(one));
      benchmarks.push(
        ...outcome.figures.map((one) => (others ? { ...one, notes: [...one.notes, others] } : one)),
      );
      run = outcome.run ?? run;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return {
    ...(run ?? withoutTraffic(options)),
    // The checked run was one of `simulate`; all of it together is this.
    command: 'bench',
    reproduce: options.reproduce,
    startedAt,
    finishedAt: new Date().toISOString(),
    settings: {
      quick,
      only,
      minutes: options.minutes,
      ...(missing && { leftOut, missing }),
      ...run?.settings,
    },
    benchmarks,
  };
}

/** A result without any event: nobody can say whether events would be lost. */
function withoutTraffic({ reproduce }: BenchOptions): Omit<Result, 'startedAt' | 'finishedAt' | 'settings'> {
  const nothing = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  return {
    schema: RESULT_SCHEMA,
    version: VERSION,
    command: 'bench',
    reproduce,
    machine: machine(),
    stack: { kind: 'none', description: [] },
    verdict: 'unknown',
    reasons: ['no traffic was sent through the pipeline'],
    traffic: {
      mark: '',
      seed: 0,
      requests: 0,
      events: 0,
      byKind: {},
      answers: { acknowledged: 0, refused: 0, unknown: 0, unreachable: 0 },
      seconds: 0,
      eventsPerSecond: 0,
      stopped: false,
      generator: { dropped: 0, lag: nothing, bottleneck: false },
    },
    hops: [],
    conservation: [],
    findings: [],
    latency: [],
    timeline: [],
    tables: [],
    processes: [],
    peakMemoryBytes: 0,
    restarts: [],
  };
}
