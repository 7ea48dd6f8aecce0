import { join } from 'node:path';
import { openEmbeddedLog } from '../../pipeline/log/index.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import type { ControlledStack } from '../controlled-stack.ts';
import { type PipelineOptions, startPipeline } from '../roles/pipeline.ts';
import { type ExternalServices, namesOf } from './services.ts';

export interface OwnPipelineOptions extends PipelineOptions {
  /** Says the same as the services, to the roles. */
  readonly configFile: string;
  /** Settings that the file leaves to the environment, by the names of their variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * This project's pipeline, its processes on this machine, on somebody's own services. What they have not got is as in the embedded stack.
 *
 * @throws ClickproofError when a role cannot start; those already started are stopped again.
 */
export async function startOwnPipeline(
  options: OwnPipelineOptions,
  services: ExternalServices,
): Promise<ControlledStack> {
  const { dataDir } = options;
  const { kafka, redis, clickhouse, elasticsearch, topics, groups } = services;
  const path = join(dataDir, 'events.db');
  const sinks = ['clickhouse-sink', ...(elasticsearch ? ['elasticsearch-sink'] : [])];
  return startPipeline(
    {
      ...options,
      workers: options.workers ?? [
        ['parser', 'flattener'],
        ['persister', ...sinks],
      ],
    },
    {
      kind: 'external',
      description: describe(services),
      ...{ topics, groups, clickhouse, elasticsearch },
      eventLog: kafka ? { kind: 'kafka', ...kafka } : { kind: 'embedded', path },
      profiles: redis ? { kind: 'redis', ...redis } : { kind: 'sqlite', path: join(dataDir, 'profiles.db') },
      // The roles read the same file, but for names that are a run's own.
      flags: { log: [], roles: {} },
      environment: {
        ...options.settings,
        CLICKPROOF_PIPELINE_TOPICS: JSON.stringify(topics),
        CLICKPROOF_PIPELINE_GROUPS: JSON.stringify(groups),
      },
      openLog: () => (kafka ? openKafkaLog(kafka) : openEmbeddedLog({ path })),
      stop: async () => {},
    },
  );
}

function describe(services: ExternalServices): string[] {
  const { kafka, redis, clickhouse, elasticsearch } = services;
  const standIns = [
    ...(kafka ? [] : ['SQLite for Kafka']),
    ...(redis ? [] : ['SQLite for Redis']),
    ...(clickhouse ? [] : ['chdb (ClickHouse’s own engine) for ClickHouse']),
  ];
  const less = elasticsearch ? [] : ['Elasticsearch is off'];
  const rest = [...(standIns.length > 0 ? [`stand-ins: ${standIns.join(', ')}`] : []), ...less];
  return [
    `external stack: yours are ${namesOf(services).join('; ')}; collector, shipper and stages are this project's, on this machine${rest.map((words) => `; ${words}`).join('')}`,
  ];
}
