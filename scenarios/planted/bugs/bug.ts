import type { Client } from '@elastic/elasticsearch';
import type {
  EventLog,
  PartitionContext,
  PartitionHandler,
  RecordBatch,
  TransactionalProducer,
} from '../../../pipeline/log/port.ts';
import type { ProfileStore } from '../../../pipeline/profile/store.ts';

/** A mistake that somebody could make, at a port of a stage that makes none. */
export interface Bug {
  log?(log: EventLog): EventLog;
  store?(store: ProfileStore): ProfileStore;
  elasticsearch?(client: Client): Client;
}

export type Transaction = Parameters<TransactionalProducer['commit']>[0];

/** The log with some of its calls replaced. */
export function withCalls(log: EventLog, own: Partial<EventLog>): EventLog {
  return {
    kind: log.kind,
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitions: (topic) => log.partitions(topic),
    ends: (topic) => log.ends(topic),
    committed: (group, topic) => log.committed(group, topic),
    claim: (transactionalId) => log.claim(transactionalId),
    consume: (options) => log.consume(options),
    read: (from) => log.read(from),
    close: () => log.close(),
    ...own,
  };
}

/** The log with other transactions than its user makes. */
export function withCommit(
  log: EventLog,
  commit: (transaction: Transaction, producer: TransactionalProducer) => Promise<void>,
): EventLog {
  return withCalls(log, {
    async claim(id) {
      const producer = await log.claim(id);
      const { transactionalId } = producer;
      return { transactionalId, commit: (one) => commit(one, producer), close: () => producer.close() };
    },
  });
}

/** The log with other handling of batches than its user's. */
export function withProcess(
  log: EventLog,
  process: (batch: RecordBatch, context: PartitionContext, handler: PartitionHandler) => Promise<void>,
): EventLog {
  return withCalls(log, {
    consume: (options) =>
      log.consume({
        ...options,
        handler(partition) {
          const handler = options.handler(partition);
          return {
            claim: (context) => handler.claim(context),
            process: (batch, context) => process(batch, context, handler),
            release: async () => handler.release?.(),
          };
        },
      }),
  });
}
