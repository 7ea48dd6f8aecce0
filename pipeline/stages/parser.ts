import { parserStage } from '../enrichment/parser-stage.ts';
import type { EnrichmentSettings } from '../enrichment/settings.ts';
import type { WorkerSettings } from './settings.ts';
import type { StageFunction } from './stage-function.ts';
import { type RunningWorker, startStage, type WorkerDependencies } from './worker.ts';

export interface ParserDependencies extends WorkerDependencies {
  readonly enrichment: EnrichmentSettings;
}

/** Runs the parser: `tracking_raw` to `tracking_processed`, one message an event. @throws ClickproofError TOPIC_MISSING */
export function startParser(
  settings: WorkerSettings,
  dependencies: ParserDependencies,
): Promise<RunningWorker> {
  const { topics, groups, enrichment } = dependencies;
  const description = {
    stage: 'parser',
    group: groups.parser,
    input: topics.raw,
    output: topics.processed,
    failed: topics.failed,
  };
  return startStage(description, parserFunction(enrichment), settings, dependencies);
}

function parserFunction(enrichment: EnrichmentSettings): StageFunction {
  const parse = parserStage(enrichment);
  return (record) => {
    const { class: kind, why, processed, failed } = parse(record);
    return {
      outputs: processed.map(({ key, message }) => ({ key: Buffer.from(key), message })),
      failed,
      count:
        kind === 'tracker' ? (processed.length > 0 ? 'processed' : 'failed') : why ? `${kind}: ${why}` : kind,
    };
  };
}
