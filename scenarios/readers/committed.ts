import type { SeenRecord } from './topic-reader.ts';

/** One thing of a partition's log, in offset order. `producer`: undefined for records outside of transactions. */
export type LogEntry =
  | { readonly kind: 'record'; readonly producer: string | undefined; readonly record: SeenRecord }
  | { readonly kind: 'marker'; readonly producer: string; readonly committed: boolean };

interface Waiting {
  readonly record: SeenRecord;
  outcome: 'open' | 'committed' | 'aborted';
}

/**
 * Gives the committed records of one partition, in offset order. A transaction's records count when its producer's next marker says
 * that they do; those without a marker never do. Nobody's list of aborted transactions is believed: the log itself says it all.
 *
 * It holds back what stands behind the oldest open transaction.
 */
export class Committed {
  #waiting: Waiting[] = [];
  readonly #open = new Map<string, Waiting[]>();

  /** How many transactions have no marker yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Takes the next entry and gives the records that are settled by it. */
  take(entry: LogEntry): readonly SeenRecord[] {
    if (entry.kind === 'marker') {
      const outcome = entry.committed ? 'committed' : 'aborted';
      for (const one of this.#open.get(entry.producer) ?? []) one.outcome = outcome;
      this.#open.delete(entry.producer);
      return this.#settled();
    }
    const { producer, record } = entry;
    if (producer === undefined && this.#waiting.length === 0) return [record];
    const one: Waiting = { record, outcome: producer === undefined ? 'committed' : 'open' };
    this.#waiting.push(one);
    if (producer === undefined) return [];
    const open = this.#open.get(producer);
    if (open) open.push(one);
    else this.#open.set(producer, [one]);
    return [];
  }

  #settled(): readonly SeenRecord[] {
    const firstOpen = this.#waiting.findIndex(({ outcome }) => outcome === 'open');
    const end = firstOpen < 0 ? this.#waiting.length : firstOpen;
    const settled = this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(end);
    return settled.filter(({ outcome }) => outcome === 'committed').map(({ record }) => record);
  }
}
