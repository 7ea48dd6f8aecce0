export { type FailPoint, failingLog, failingStore, parseFailPoint } from './failpoints.ts';
export { startFlattener } from './flattener.ts';
export { type ParserDependencies, startParser } from './parser.ts';
export { type PersisterDependencies, type PersisterStats, startPersister } from './persister.ts';
export {
  flattenerSettings,
  type PersisterSettings,
  parserWorkerSettings,
  persisterSettings,
  type WorkerSettings,
} from './settings.ts';
export type { StageFunction, StageResult } from './stage-function.ts';
export { type RunningWorker, startStage, type WorkerDependencies, type WorkerDescription } from './worker.ts';
export type { WorkerStats } from './worker-stats.ts';
