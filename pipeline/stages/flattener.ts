import { flattenerStage } from '../flattening/flattener-stage.ts';
import type { WorkerSettings } from './settings.ts';
import { type RunningWorker, startStage, type WorkerDependencies } from './worker.ts';

/** Runs the flattener: `tracking_processed` to `tracking_flattened`. @throws ClickproofError TOPIC_MISSING */
export function startFlattener(
  settings: WorkerSettings,
  dependencies: WorkerDependencies,
): Promise<RunningWorker> {
  const { topics, groups } = dependencies;
  const description = {
    stage: 'flattener',
    group: groups.flattener,
    input: topics.processed,
    output: topics.flattened,
    failed: topics.failed,
  };
  return startStage(description, flattenerStage, settings, dependencies);
}
