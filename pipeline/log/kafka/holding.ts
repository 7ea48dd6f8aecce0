import type { BatchLimits, BatchSource } from '../group/batches.ts';
import type { Holding } from '../group/partition-runner.ts';
import type { Fetcher } from './fetcher.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { endsFor } from './partition-fetch.ts';
import type { Session } from './session.ts';

export interface KafkaHoldingOptions {
  readonly topic: string;
  readonly partition: number;
  readonly limits: BatchLimits;
  readonly session: Session;
  readonly fetcher: Fetcher;
  commitOffset(offset: number, holds: () => boolean): Promise<void>;
}

/** One assignment of a partition: the group's coordinator has given it, there is nothing to be acquired. */
export class KafkaHolding implements Holding {
  readonly #options: KafkaHoldingOptions;

  constructor(options: KafkaHoldingOptions) {
    this.#options = options;
  }

  partitions(): Promise<number> {
    const { session, topic } = this.#options;
    return session.ask(() => session.partitions(topic));
  }

  commitOffset(offset: number, holds: () => boolean): Promise<void> {
    return this.#options.commitOffset(offset, holds);
  }

  async read(offset: number, through: (source: BatchSource) => Promise<void>): Promise<void> {
    const { topic, partition, limits, session, fetcher } = this.#options;
    await endsFor(session, topic, partition, offset);
    const buffer = new PartitionBuffer(topic, partition, offset, limits, () => fetcher.pump());
    fetcher.add(buffer);
    try {
      await through(buffer);
    } finally {
      fetcher.remove(buffer);
    }
  }
}
