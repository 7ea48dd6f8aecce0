import type { OutRecord, PartitionContext, PartitionHandler, RecordBatch } from '../../log/port.ts';
import type { PartitionWorker } from '../../stages/partition-worker.ts';
import { failedMessage, type SourceRecord } from '../../stages/stage-function.ts';
import type { WorkerParts } from '../../stages/worker.ts';
import { documentOf, type EventDocument } from './document.ts';
import type { DocumentWriter } from './document-writer.ts';

/** The stage's name in failures. */
export const STAGE = 'elasticsearch';

export interface SinkHandlerOptions {
  readonly partition: number;
  readonly parts: WorkerParts;
  readonly writer: DocumentWriter;
  readonly alias: string;
}

/**
 * Writes, is acknowledged, commits the offset. What cannot become a document is parked in the same transaction as the
 * offset, once: the transactional id was claimed before the offset was read, which fences whoever had the partition.
 */
export class SinkHandler implements PartitionHandler {
  readonly #options: SinkHandlerOptions;
  readonly #worker: PartitionWorker;

  constructor(options: SinkHandlerOptions) {
    this.#options = options;
    this.#worker = options.parts.partitionWorker(options.partition);
  }

  async claim(context: PartitionContext): Promise<number> {
    const { start } = await this.#worker.claimAsMember(context);
    return start;
  }

  async process(batch: RecordBatch, context: PartitionContext): Promise<void> {
    const { parts, writer, alias } = this.#options;
    const sources: SourceRecord[] = [];
    const documents: EventDocument[] = [];
    const parked: OutRecord[] = [];
    const kinds: string[] = [];
    for (const record of batch.records) {
      const source: SourceRecord = { topic: batch.topic, partition: batch.partition, ...record };
      try {
        documents.push(documentOf(source, alias));
        sources.push(source);
      } catch (error) {
        kinds.push('unreadable');
        parked.push(this.#park(source, 'message_format', 'not_a_flat_message', (error as Error).message));
      }
    }
    const refused = await writer.write(documents, context.signal);
    for (const { place, error } of refused) {
      kinds.push('refused by Elasticsearch');
      parked.push(this.#park(sources[place]!, 'sink_refused', `elasticsearch_${error.type}`, error.reason));
    }
    if (parked.length > 0) await this.#worker.commit(parked, batch.nextOffset, context);
    else await context.commitOffset(batch.nextOffset);
    parts.counters.wrote(batch.records.length, parked, parts.records.failedTopic);
    parts.counters.count('indexed', documents.length - refused.length);
    for (const kind of kinds) parts.counters.count(kind);
    parts.counters.positions.set(batch.partition, batch.nextOffset);
  }

  async release(): Promise<void> {
    await this.#worker.release();
  }

  #park(
    source: SourceRecord,
    type: 'sink_refused' | 'message_format',
    code: string,
    message: string,
  ): OutRecord {
    const errors = [{ code, message: message.slice(0, 1_000).toWellFormed() }];
    return this.#options.parts.records.failure(source, failedMessage(source, { type, stage: STAGE, errors }));
  }
}
