import { join } from 'node:path';
import { openEmbeddedLog } from '../../pipeline/log/index.ts';
import type { ControlledStack } from '../controlled-stack.ts';
import { type PipelineOptions, startPipeline } from '../roles/pipeline.ts';

export type EmbeddedStackOptions = PipelineOptions;

const DEFAULT_WORKERS = [
  ['parser', 'flattener'],
  ['persister', 'clickhouse-sink'],
] as const;

/**
 * The whole pipeline from npm packages alone: one process a role, the event log and the profiles in SQLite files
 * that the processes share, ClickHouse's engine (chdb) behind its HTTP protocol.
 *
 * @throws ClickproofError when a role cannot start; those already started are stopped again.
 */
export async function startEmbeddedStack(options: EmbeddedStackOptions): Promise<ControlledStack> {
  const path = join(options.dataDir, 'events.db');
  return startPipeline(
    { ...options, workers: options.workers ?? DEFAULT_WORKERS },
    {
      kind: 'embedded',
      description: [
        'embedded stack: collector, shipper and stages are real; SQLite stands in for Kafka and Redis, chdb (ClickHouse’s own engine) ' +
          'for the ClickHouse server; Elasticsearch is off. ' +
          'The real ones: --stack containers (or a real collector: --target URL)',
      ],
      eventLog: { kind: 'embedded', path },
      profiles: { kind: 'sqlite', path: join(options.dataDir, 'profiles.db') },
      flags: { log: [], roles: {} },
      openLog: () => openEmbeddedLog({ path }),
      stop: async () => {},
    },
  );
}
