import type { Diagnostics, Running } from '../contracts/running.ts';
import type { GroupNames, TopicNames } from '../contracts/topics.ts';
import { groupLag } from '../log/lag.ts';
import type { EventLog, PartitionHandler } from '../log/port.ts';
import { OutRecords } from './out-records.ts';
import { PartitionWorker } from './partition-worker.ts';
import type { WorkerSettings } from './settings.ts';
import type { StageFunction } from './stage-function.ts';
import { StageHandler } from './stage-handler.ts';
import { WorkerCounters, type WorkerStats } from './worker-stats.ts';

/** What every worker needs besides its settings. The log is shared, not owned: stopping a worker leaves it open. */
export interface WorkerDependencies {
  readonly log: EventLog;
  readonly topics: TopicNames;
  readonly groups: GroupNames;
  readonly diagnostics: Diagnostics;
}

/** A running stage. */
export interface RunningWorker<Stats extends WorkerStats = WorkerStats> extends Running {
  stats(): Stats;
  /** Records of the input topic that the group has not come to yet, over all partitions. */
  lag(): Promise<number>;
}

/** What the handlers of one worker share. */
export interface WorkerParts {
  readonly counters: WorkerCounters;
  readonly records: OutRecords;
  partitionWorker(partition: number): PartitionWorker;
}

export interface WorkerDescription {
  /** The stage's name in failures and diagnostics. */
  readonly stage: string;
  readonly group: string;
  readonly input: string;
  readonly output: string;
  readonly failed: string;
}

type CommonSettings = Pick<
  WorkerSettings,
  'batchRecords' | 'batchBytes' | 'linger' | 'maxRecordBytes' | 'acceptLoss'
>;

/**
 * Joins the group and works until it is stopped. `done` rejects only where going on would make things worse (REFUSED).
 *
 * @throws ClickproofError TOPIC_MISSING
 */
export async function startWorker(
  { stage, group, input, output, failed }: WorkerDescription,
  settings: CommonSettings,
  { log, diagnostics }: Pick<WorkerDependencies, 'log' | 'diagnostics'>,
  handler: (partition: number, parts: WorkerParts) => PartitionHandler,
): Promise<RunningWorker> {
  const [outputPartitions, failedPartitions] = await Promise.all([
    log.partitions(output),
    log.partitions(failed),
    log.partitions(input),
  ]);
  const counters = new WorkerCounters();
  const records = new OutRecords(
    stage,
    { name: output, partitions: outputPartitions },
    { name: failed, partitions: failedPartitions },
    settings.maxRecordBytes,
  );
  const parts: WorkerParts = {
    counters,
    records,
    partitionWorker: (partition) =>
      new PartitionWorker({
        log,
        place: { group, topic: input, partition },
        records,
        counters,
        acceptLoss: settings.acceptLoss,
        diagnostics,
      }),
  };
  const consumer = log.consume({
    group,
    topic: input,
    handler: (partition) => handler(partition, parts),
    maxBatchRecords: settings.batchRecords,
    maxBatchBytes: settings.batchBytes,
    lingerMs: settings.linger,
    onError(error, where) {
      counters.errors++;
      diagnostics.warn(`${stage}: claiming a partition again`, { ...where, error });
    },
  });
  return {
    done: consumer.done,
    stop: () => consumer.stop(),
    stats: () => counters.snapshot(),
    lag: () => groupLag(log, group, input),
  };
}

/** A stage that is a pure function of one record. */
export function startStage(
  description: WorkerDescription,
  transform: StageFunction,
  settings: WorkerSettings,
  dependencies: WorkerDependencies,
): Promise<RunningWorker> {
  return startWorker(
    description,
    settings,
    dependencies,
    (partition, { counters, records, partitionWorker }) => {
      const worker = partitionWorker(partition);
      const { transactionBytes } = settings;
      return new StageHandler({
        stage: description.stage,
        transform,
        worker,
        records,
        counters,
        transactionBytes,
      });
    },
  );
}
