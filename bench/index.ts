export type { BenchOptions } from './benchmark.ts';
export { BENCHMARKS, runBench } from './run-bench.ts';
