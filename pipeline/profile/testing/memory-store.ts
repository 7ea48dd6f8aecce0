import type { PartitionChange, ProfileStore, StoredPartition } from '../store.ts';

interface State {
  readonly stored: Omit<StoredPartition, 'segments'>;
  readonly values: ReadonlyMap<string, Buffer>;
  readonly segments: readonly { readonly ends: number; readonly bytes: Buffer }[];
}

const NOTHING: State = {
  stored: { mark: null, description: null, progress: null },
  values: new Map(),
  segments: [],
};

/** The port in its simplest form: whole states, replaced. Tests take it back to any earlier one. */
export class MemoryProfileStore implements ProfileStore {
  readonly kind = 'embedded';
  #partitions = new Map<number, State>();

  snapshot(): ReadonlyMap<number, unknown> {
    return new Map(this.#partitions);
  }

  restore(snapshot: ReadonlyMap<number, unknown>): void {
    this.#partitions = new Map(snapshot as ReadonlyMap<number, State>);
  }

  /** The whole state of a partition, to be compared. */
  inspect(partition: number): {
    mark: number | null;
    progress: unknown;
    values: ReadonlyMap<string, Buffer>;
  } {
    const { stored, values } = this.#state(partition);
    return { mark: stored.mark, progress: stored.progress, values };
  }

  async claim(partition: number): Promise<StoredPartition> {
    const { stored, segments } = this.#state(partition);
    return { ...stored, segments: segments.map(({ bytes }) => bytes) };
  }

  async describe(partition: number) {
    return this.#state(partition).stored.description;
  }

  async read(partition: number, mark: number | null, visitors: readonly Buffer[]) {
    const { stored, values } = this.#state(partition);
    if (stored.mark !== mark) return 'moved' as const;
    return visitors.map((visitor) => values.get(visitor.toString('latin1')) ?? null);
  }

  async apply(partition: number, change: PartitionChange) {
    const { stored, values, segments } = this.#state(partition);
    const { rulesHash, partitions } = stored.description ?? change.description;
    const same = rulesHash === change.description.rulesHash && partitions === change.description.partitions;
    if (!same) return 'refused' as const;
    if (stored.mark === change.to) return 'already' as const;
    if (stored.mark !== change.from) return 'refused' as const;
    const next = new Map(values);
    for (const { visitor, value } of change.values) next.set(visitor.toString('latin1'), value);
    this.#partitions.set(partition, {
      stored: { mark: change.to, description: change.description, progress: change.progress },
      values: next,
      segments: [...segments, ...(change.segment ? [{ ends: change.to, bytes: change.segment }] : [])].filter(
        ({ ends }) => ends > change.dropBefore,
      ),
    });
    return 'applied' as const;
  }

  async clear(partition: number): Promise<void> {
    this.#partitions.delete(partition);
  }

  async close(): Promise<void> {}

  #state(partition: number): State {
    return this.#partitions.get(partition) ?? NOTHING;
  }
}
