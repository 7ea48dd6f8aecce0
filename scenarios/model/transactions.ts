import { BOTH, type Group, type Worker } from './group.ts';

/** A transaction whose client has given up waiting: the broker may still commit it, unless its id is claimed before. */
export interface Sent {
  readonly id: 0 | 1;
  readonly out: readonly string[];
  readonly offset: number | null;
}

/** A worker that may hold a transactional producer. */
export interface Producing extends Worker {
  /** Somebody else has claimed the transactional id since. Of no meaning while it has no producer. */
  readonly fenced: boolean;
}

/** What the broker knows: the group's offset, the topic written to, and what is on its way. */
export interface Broker<W extends Producing = Producing> extends Group<W> {
  readonly offset: number;
  readonly out: readonly string[];
  readonly sent: readonly Sent[];
}

/** The transactional id that a worker uses: that of the partition, or (wrongly) its own. */
export function idOf(worker: 0 | 1, idPerPartition: boolean): 0 | 1 {
  return idPerPartition ? 0 : worker;
}

/** InitProducerId: fences whoever had the id, and ends its transaction. Who fences whom is all that epochs are for. */
export function claimed<W extends Producing, B extends Broker<W>>(
  broker: B,
  by: 0 | 1,
  idPerPartition: boolean,
  worker: W,
): B {
  const id = idOf(by, idPerPartition);
  const workers = BOTH.map((i) => {
    if (i === by) return { ...worker, fenced: false };
    const other = broker.workers[i];
    return holdsProducer(other) && idOf(i, idPerPartition) === id ? { ...other, fenced: true } : other;
  });
  return { ...broker, workers, sent: broker.sent.filter((one) => one.id !== id) };
}

/** Workers get their producer by the claim and drop it with every error. */
function holdsProducer({ at }: Worker): boolean {
  return at !== 'away' && at !== 'claim' && at !== 'committed first';
}

/** Outputs and offset are there, both at once. */
export function committed<B extends Broker>(broker: B, { out, offset }: Omit<Sent, 'id'>): B {
  return { ...broker, out: [...broker.out, ...out], offset: offset ?? broker.offset };
}

/** What becomes of transactions on their way: the one or the other must happen. */
export function arrivals<B extends Broker>(broker: B): { what: string; next: B }[] {
  return broker.sent.flatMap((one, i) => {
    const without = { ...broker, sent: broker.sent.toSpliced(i, 1) };
    return [
      {
        what: 'the broker commits the transaction that nobody waits for any more',
        next: committed(without, one),
      },
      { what: 'the transaction that nobody waits for any more is aborted', next: without },
    ];
  });
}
