export type { BenchOptions } from './benchmark.ts';
export { missingEngine } from './missing-engine.ts';
export { runBench } from './run-bench.ts';
