import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { PartitionChange, ProfileStore } from '../../pipeline/profile/store.ts';

/** What a fault at the profile store's port does to a change. */
export type StoreFault =
  /** The mark moves on, the visitors' values do not: an update is lost. */
  | 'skip'
  /** The change is handed over twice. */
  | 'double'
  /** Two visitors get each other's values. */
  | 'mix-up';

/** A profile store with a fault in it. */
export interface PlantedStore extends ProfileStore {
  /** How many changes were hit. */
  readonly hits: number;
}

const MOST_HITS = 3;

/**
 * Puts a fault between the profile stage and its store: it hits the first three changes that have the visitors for it. The stage holds
 * values that it has read; so that it reads them again, the answer to a change with wrong values does not arrive.
 */
export function plantedStore(store: ProfileStore, fault: StoreFault): PlantedStore {
  let hits = 0;
  return {
    kind: store.kind,
    claim: (partition) => store.claim(partition),
    read: (partition, mark, visitors) => store.read(partition, mark, visitors),
    clear: (partition) => store.clear(partition),
    close: () => store.close(),
    async apply(partition, change) {
      const values = faulty(change.values, fault);
      if (hits === MOST_HITS || values === undefined) return store.apply(partition, change);
      hits += 1;
      const result = await store.apply(partition, { ...change, values });
      if (fault === 'double') return store.apply(partition, change);
      throw new ClickproofError('PLANTED', `the store did not answer (it would have said "${result}")`);
    },
    get hits() {
      return hits;
    },
  };
}

/** Undefined where there are too few. */
function faulty(values: PartitionChange['values'], fault: StoreFault): PartitionChange['values'] | undefined {
  const [first, second, ...rest] = values;
  if (first === undefined || second === undefined) return undefined;
  if (fault === 'skip') return [];
  if (fault === 'double') return values;
  return [{ ...first, value: second.value }, { ...second, value: first.value }, ...rest];
}
