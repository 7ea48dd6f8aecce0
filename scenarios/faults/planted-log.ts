import type {
  ConsumerOptions,
  EventLog,
  LogRecord,
  OutRecord,
  PartitionHandler,
  TransactionalProducer,
} from '../../pipeline/log/port.ts';

/** What a fault does to the record that it hits. */
export type FaultKind =
  /** The record is not there. */
  | 'drop'
  /** It is there twice. */
  | 'double'
  /** It is there as `change` makes it. */
  | 'alter'
  /** It and the next record of the same key in the same partition stand in each other's place. */
  | 'swap'
  /** There is another one besides, made of it by `change`. */
  | 'add'
  /** It stands in the next partition. */
  | 'misroute';

/** What stays the same of a record, written or read. */
export type FaultyRecord = Pick<LogRecord, 'key' | 'value' | 'timestamp'>;

/** A fault at the event log's port: it hits one record of a topic, once. */
export interface LogFault {
  readonly kind: FaultKind;
  readonly topic: string;
  /** Where: when records are committed (default), or when a consumer gets them. */
  readonly at?: 'commit' | 'read';
  /** Which of the matching records, counted from 0. */
  readonly nth?: number;
  /** Which records match; all by default. */
  readonly matches?: (record: FaultyRecord) => boolean;
  /** For `swap`: whether a later record of the same key will do; all will by default. */
  readonly partner?: (record: FaultyRecord, other: FaultyRecord) => boolean;
  /** For `alter` and `add`: what of the record becomes another. */
  readonly change?: (record: FaultyRecord) => Partial<FaultyRecord>;
}

/** An event log with a fault in it. */
export interface PlantedLog extends EventLog {
  /** The record that was hit; undefined: the fault has not happened. */
  readonly hit: FaultyRecord | undefined;
}

/**
 * Puts a fault between the pipeline and its event log, for tests of what is to find it. A fault whose transaction was not committed has
 * not happened, and is planted again.
 */
export function plantedLog(log: EventLog, fault: LogFault): PlantedLog {
  const planter = new Planter(fault);
  const at = fault.at ?? 'commit';
  return {
    kind: log.kind,
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitions: (topic) => log.partitions(topic),
    ends: (topic) => log.ends(topic),
    committed: (group, topic) => log.committed(group, topic),
    read: (from) => log.read(from),
    close: () => log.close(),
    claim: async (transactionalId) => {
      const producer = await log.claim(transactionalId);
      return at === 'commit' ? faultyProducer(log, producer, planter) : producer;
    },
    consume: (options) =>
      log.consume(
        at === 'read' && options.topic === fault.topic ? faultyConsumer(options, planter) : options,
      ),
    get hit() {
      return planter.hit;
    },
  };
}

function faultyProducer(
  log: EventLog,
  producer: TransactionalProducer,
  planter: Planter,
): TransactionalProducer {
  return {
    transactionalId: producer.transactionalId,
    close: () => producer.close(),
    async commit({ records, ...rest }) {
      const partitions = await log.partitions(planter.topic);
      const attempt = planter.plant(
        records,
        ({ topic }) => topic === planter.topic,
        (record) => ({ ...record, partition: (record.partition + 1) % partitions }),
      );
      await attempt.settle(producer.commit({ ...rest, records: attempt.records }));
    },
  };
}

function faultyConsumer(options: ConsumerOptions, planter: Planter): ConsumerOptions {
  return {
    ...options,
    handler(partition): PartitionHandler {
      const handler = options.handler(partition);
      return {
        claim: (context) => handler.claim(context),
        ...(handler.release && { release: () => handler.release!() }),
        async process(batch, context) {
          const attempt = planter.plant(
            batch.records,
            () => true,
            (record) => record,
          );
          await attempt.settle(handler.process({ ...batch, records: attempt.records }, context));
        },
      };
    },
  };
}

/** Plants the fault in lists of records, of which several can be under way, until it has happened. */
class Planter {
  hit: FaultyRecord | undefined;
  readonly #fault: LogFault;
  #seen = 0;
  #underWay = false;

  constructor(fault: LogFault) {
    this.#fault = fault;
  }

  get topic(): string {
    return this.#fault.topic;
  }

  /** Returns the records as they are to be, and what to do with them: `settle` learns from it whether the fault has happened. */
  plant<R extends FaultyRecord & (OutRecord | LogRecord)>(
    records: readonly R[],
    concerns: (record: R) => boolean,
    elsewhere: (record: R) => R,
  ): { records: readonly R[]; settle: (done: Promise<void>) => Promise<void> } {
    const { nth = 0, matches = () => true } = this.#fault;
    const before = this.#seen;
    for (const [i, record] of records.entries()) {
      if (this.hit !== undefined || this.#underWay) break;
      if (!concerns(record) || !matches(record)) continue;
      const faulty = this.#seen < nth ? undefined : this.#faulty(records, i, elsewhere);
      if (faulty) {
        this.#underWay = true;
        return { records: faulty, settle: (done) => this.#settle(done, record) };
      }
      this.#seen += 1;
    }
    const seen = this.#seen - before;
    const settle = async (done: Promise<void>) => {
      try {
        await done;
      } catch (error) {
        this.#seen -= seen;
        throw error;
      }
    };
    return { records, settle };
  }

  async #settle(done: Promise<void>, record: FaultyRecord): Promise<void> {
    try {
      await done;
      this.hit = record;
    } finally {
      this.#underWay = false;
    }
  }

  /** Undefined where this record cannot be hit: there is none to swap it with. */
  #faulty<R extends FaultyRecord & (OutRecord | LogRecord)>(
    records: readonly R[],
    i: number,
    elsewhere: (record: R) => R,
  ): R[] | undefined {
    const record = records[i]!;
    const changed = () => ({ ...record, ...this.#fault.change?.(record) });
    const { kind, partner = () => true } = this.#fault;
    switch (kind) {
      case 'drop':
        return records.toSpliced(i, 1);
      case 'double':
        return records.toSpliced(i, 0, record);
      case 'alter':
        return records.with(i, changed());
      case 'add':
        return records.toSpliced(i + 1, 0, changed());
      case 'misroute':
        return records.with(i, elsewhere(record));
      case 'swap': {
        const j = records.findIndex(
          (other, at) => at > i && isNeighbour(record, other) && partner(record, other),
        );
        return j < 0 ? undefined : records.with(i, records[j]!).with(j, record);
      }
    }
  }
}

/** Of the same visitor, in the same partition of the same topic. */
function isNeighbour(record: OutRecord | LogRecord, other: OutRecord | LogRecord): boolean {
  if (!record.key || !other.key?.equals(record.key)) return false;
  if (!('topic' in record) || !('topic' in other)) return true;
  return record.topic === other.topic && record.partition === other.partition;
}
