import type { BenchmarkResult, Result } from '../reports/result.ts';
import type { BenchmarkName } from './catalogue.ts';

/** How the benchmarks are run. */
export interface BenchOptions {
  /** Less of everything: all of it in about a minute, good for trends only. */
  readonly quick: boolean;
  /** Which benchmarks; all when empty. */
  readonly only: readonly BenchmarkName[];
  /** Why no container engine can be used: what needs one is left out. Undefined: one answers, or none is needed. */
  readonly missingEngine: string | undefined;
  /** How long the run that looks at memory goes on; 0: not at all. */
  readonly minutes: number;
  /** The rate of that run, events a second; by default half of what is sustained. */
  readonly rate?: number | undefined;
  /** Executable and first arguments that run the `clickproof` command. */
  readonly clickproof: readonly string[];
  /** Where result, report and the ledger of the end-to-end run go. */
  readonly out: string;
  readonly reproduce: string;
  readonly signal: AbortSignal;
  /** Told what goes on. */
  readonly say: (line: string) => void;
}

/** What a benchmark is given. */
export interface BenchContext extends BenchOptions {
  /** A folder for files that are not kept. */
  readonly scratch: string;
  /** How many replicates count. */
  readonly rounds: number;
}

/** What a benchmark found. */
export interface BenchOutcome {
  readonly figures: readonly BenchmarkResult[];
  /** The checked run that a figure was verified with. */
  readonly run?: Result;
}

export interface Benchmark {
  readonly name: BenchmarkName;
  run(context: BenchContext): Promise<BenchOutcome>;
}

/** One replicate: how much was done in which time. */
export interface Measured {
  readonly count: number;
  readonly seconds: number;
}

export const perSecond = ({ count, seconds }: Measured): number => count / seconds;
