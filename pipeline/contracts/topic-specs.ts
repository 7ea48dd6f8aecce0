import { maxRecordBytes, type SizeLimits } from './access-log.ts';
import type { TopicNames } from './topics.ts';

/** How a topic of the pipeline must be set up; structurally the event log port's `TopicSpec`. */
export interface PipelineTopic {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs?: number | undefined;
  readonly maxRecordBytes: number;
}

/** The largest record of the shipper's position: some 3,000 files. */
export const SHIPPER_STATE_BYTES = 1_048_576;

/**
 * All topics of the pipeline as they must be. Every role asks for them when it starts, so whichever starts first
 * creates them and none runs on topics with other settings.
 */
export function pipelineTopics(
  topics: TopicNames,
  options: { partitions: number; limits: SizeLimits; retentionMs?: number | undefined },
): PipelineTopic[] {
  const { partitions, limits, retentionMs } = options;
  const record = maxRecordBytes(limits);
  const stream = (name: string, bytes: number): PipelineTopic => ({
    name,
    partitions,
    cleanup: 'delete',
    retentionMs,
    maxRecordBytes: bytes,
  });
  return [
    stream(topics.raw, record),
    // An event carries its request along and its parameters twice, as received and as understood.
    stream(topics.processed, 3 * record),
    stream(topics.flattened, 3 * record),
    stream(topics.persisted, 3 * record + 1_048_576),
    stream(topics.failed, 4 * record),
    { name: topics.shipperState, partitions: 1, cleanup: 'compact', maxRecordBytes: SHIPPER_STATE_BYTES },
  ];
}
