export { createEnrichment, type Enrich } from './enrich.ts';
export { type EnrichedLine, lineEnricher } from './enrich-line.ts';
export { toFailed } from './failed.ts';
export { type KeyedMessage, parserStage, type StageRecord, type StageResult } from './parser-stage.ts';
export { type LineOrigin, type RecordPosition, toProcessed } from './processed.ts';
export { type LogPosition, parseRaw, type RawRecord } from './raw-record.ts';
export { type EnrichmentSettings, enrichmentSettings } from './settings.ts';
export { enrichStream, type StreamCounts } from './stream.ts';
export { TRACKER_PARAMETERS, type TrackerParameter } from './tracker-parameters.ts';
export type {
  AtomicEvent,
  AtomicValue,
  EnrichedEvent,
  Enrichment,
  Entity,
  EventFailure,
  IgnoredReason,
  LineContext,
  LineResult,
} from './types.ts';
