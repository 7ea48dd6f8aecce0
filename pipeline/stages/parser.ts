import { type EnrichmentSettings, type StageResult as ParsedLine, parserStage } from '../enrichment/index.ts';
import type { WorkerSettings } from './settings.ts';
import type { StageFunction } from './stage-function.ts';
import { type RunningWorker, startStage, type WorkerDependencies } from './worker.ts';

export interface ParserDependencies extends WorkerDependencies {
  /** How lines become events; the defaults unless given. */
  readonly enrichment?: EnrichmentSettings | undefined;
}

/**
 * Runs the parser: lines of `tracking_raw` to events of `tracking_processed`. `stats().classes` counts lines:
 * `processed` (at least one event of it), `failed`, `refused: <why>`, `ignored: <why>`; together they are all lines.
 *
 * @throws ClickproofError TOPIC_MISSING
 */
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
  const parse = parserStage(enrichment);
  const transform: StageFunction = (record) => {
    const line = parse(record);
    return {
      outputs: line.processed.map(({ key, message }) => ({ key: Buffer.from(key), message })),
      failed: line.failed,
      count: countedAs(line),
    };
  };
  return startStage(description, transform, settings, dependencies);
}

function countedAs(line: ParsedLine): string {
  if (line.class === 'refused' || line.class === 'ignored') return `${line.class}: ${line.why}`;
  return line.processed.length > 0 ? 'processed' : 'failed';
}
