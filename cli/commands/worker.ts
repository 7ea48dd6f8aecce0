import { Argument, type Command } from 'commander';
import type { Diagnostics } from '../../pipeline/contracts/running.ts';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import type { EventLog } from '../../pipeline/log/port.ts';
import { redisStoreSettings } from '../../pipeline/profile/redis/settings.ts';
import { clickhouseSinkSettings } from '../../pipeline/sinks/clickhouse/settings.ts';
import { elasticsearchSinkSettings } from '../../pipeline/sinks/elasticsearch/settings.ts';
import {
  flattenerSettings,
  parserWorkerSettings,
  persisterSettings,
} from '../../pipeline/stages/settings.ts';
import { stderrDiagnostics } from '../diagnostics.ts';
import { failPoints } from '../roles/fail-points.ts';
import { openProfileStore } from '../roles/open-profiles.ts';
import { type Ports, through } from '../roles/ports.ts';
import { type Role, runRole } from '../roles/run-role.ts';
import { together } from '../roles/together.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { didYouMean } from '../settings/nearest.ts';
import { UsageError } from '../usage-error.ts';

const STAGES = ['parser', 'flattener', 'persister', 'clickhouse-sink', 'elasticsearch-sink'] as const;

type Stage = (typeof STAGES)[number];

const sections = {
  parser: parserWorkerSettings,
  enrichment: enrichmentSettings,
  flattener: flattenerSettings,
  persister: persisterSettings,
  redis: redisStoreSettings,
  clickhouseSink: clickhouseSinkSettings,
  elasticsearchSink: elasticsearchSinkSettings,
};

type WorkerCommandSettings = ReturnType<ReturnType<typeof commandSettings<typeof sections>>>;

/** `clickproof worker STAGE...`: one stage of the pipeline, or several in one process. */
export function registerWorker(program: Command, given?: Ports): void {
  const command = program
    .command('worker')
    .helpGroup('The pipeline, piece by piece:')
    .description('run stages of the pipeline; start it any number of times, the partitions are shared out')
    .addArgument(
      new Argument('<stages...>', `what this process runs, of: ${STAGES.join(', ')}`).argParser(stage),
    );
  const settings = commandSettings(command, sections, {
    headings: {
      parser: 'Every stage:',
      flattener: 'Every stage:',
      persister: 'Persister:',
      enrichment: 'Parser (enrichment):',
      redis: 'Persister, with its profiles in Redis:',
      clickhouseSink: 'ClickHouse sink:',
      elasticsearchSink: 'Elasticsearch sink:',
    },
  });
  command.action(async (stages: Stage[]) => {
    const resolved = settings();
    const { onLog, openPipelineLog } = await import('../roles/open-log.ts');
    const name = stages.join('+');
    const diagnostics = stderrDiagnostics(name);
    const ports = through(await failPoints(), given);
    await runRole(name, diagnostics, () =>
      onLog(
        () => openPipelineLog(resolved.pipeline, diagnostics),
        (log) =>
          together(
            [...new Set(stages)].map((stage) => [
              stage,
              (signal) => startStage(stage, resolved, { log, ports, signal }),
            ]),
          ),
      ),
    );
  });
}

function stage(given: string, before: readonly Stage[] = []): Stage[] {
  const known = STAGES.find((name) => name === given);
  if (known === undefined) throw new UsageError(`there is no stage "${given}"`, didYouMean(given, STAGES));
  return [...before, known];
}

async function startStage(
  stage: Stage,
  settings: WorkerCommandSettings,
  { log, ports, signal }: { log: EventLog; ports: Required<Ports>; signal: AbortSignal },
): Promise<Role> {
  const { pipeline } = settings;
  const diagnostics: Diagnostics = stderrDiagnostics(stage);
  const dependencies = {
    log: ports.log(log, stage),
    topics: pipeline.topics,
    groups: pipeline.groups,
    diagnostics,
  };
  switch (stage) {
    case 'parser': {
      const { startParser } = await import('../../pipeline/stages/parser.ts');
      return startParser(settings.parser, { ...dependencies, enrichment: settings.enrichment });
    }
    case 'flattener': {
      const { startFlattener } = await import('../../pipeline/stages/flattener.ts');
      return startFlattener(settings.flattener, dependencies);
    }
    case 'persister': {
      const { startPersister } = await import('../../pipeline/stages/persister.ts');
      const store = await openProfileStore(settings, diagnostics);
      const profiles = ports.store(store, stage);
      const persister = await startPersister(settings.persister, { ...dependencies, profiles });
      return { ...persister, done: persister.done.finally(() => profiles.close()) };
    }
    case 'clickhouse-sink': {
      const { startClickHouseSink } = await import('../../pipeline/sinks/clickhouse/index.ts');
      return startClickHouseSink(settings.clickhouseSink, { ...dependencies, signal });
    }
    case 'elasticsearch-sink': {
      const { startElasticsearchSink } = await import('../../pipeline/sinks/elasticsearch/index.ts');
      return startElasticsearchSink(settings.elasticsearchSink, {
        ...dependencies,
        signal,
        through: ports.elasticsearch,
      });
    }
  }
}
