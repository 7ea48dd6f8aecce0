import { hasCode } from '../../contracts/errors.ts';
import type { OffsetRange } from '../port.ts';
import { fetchPartition } from './reader.ts';
import type { Session } from './session.ts';
import { type DataBatch, findData } from './wire/record-set.ts';

const FIRST_BYTES = 4 << 10;
const MOST_BYTES = 1 << 20;

/** What is known of a partition. Below its end nothing of that changes any more. */
interface Known {
  /** An offset that a committed record has; -1: none is known. */
  data: number;
  /** No committed record has an offset from here… */
  emptyFrom: number;
  /** …to here, exclusive. */
  emptyTo: number;
}

/**
 * Tells whether offsets are taken by anything but markers and aborted records. That is asked of every group again and again: what was
 * found once is kept, and only the heads of batches are looked at. Of a group that has read everything nothing is fetched twice.
 */
export class LagMeter {
  readonly #session: Session;
  readonly #known = new Map<string, Known>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The difference of the offsets; 0 exactly where no committed record is between them. */
  async between(range: OffsetRange): Promise<number> {
    const { topic, partition, from, to } = range;
    if (from >= to) return 0;
    const place = `${topic} ${partition}`;
    const known = this.#known.get(place) ?? { data: -1, emptyFrom: 0, emptyTo: 0 };
    // What lies beyond the end is no more use here, and wrong where the topic was made anew.
    const { data, emptyFrom, emptyTo } =
      known.emptyTo > to || known.data >= to ? { data: -1, emptyFrom: 0, emptyTo: 0 } : known;
    if (data >= from) return to - from;
    let found: DataBatch | undefined;
    try {
      found = await this.#find(range, { data, emptyFrom, emptyTo });
    } catch (error) {
      // Retention has just removed them.
      if (hasCode(error, 'OFFSET_OUT_OF_RANGE')) return to - from;
      throw error;
    }
    if (found !== undefined) {
      // Within a batch offsets have no gaps.
      this.#known.set(place, { data: Math.min(found.lastOffset, to - 1), emptyFrom, emptyTo });
      return to - from;
    }
    const joins = from <= emptyTo && emptyFrom < emptyTo;
    this.#known.set(place, { data, emptyFrom: joins ? Math.min(from, emptyFrom) : from, emptyTo: to });
    return 0;
  }

  /** The first committed batch of the range. */
  async #find({ topic, partition, from, to }: OffsetRange, known: Known): Promise<DataBatch | undefined> {
    let bytes = FIRST_BYTES;
    for (let next = from; next < to; bytes = Math.min(2 * bytes, MOST_BYTES)) {
      if (next >= known.emptyFrom && next < known.emptyTo) {
        next = known.emptyTo;
        continue;
      }
      let found: DataBatch | undefined;
      const { nextOffset } = await fetchPartition(
        this.#session,
        { topic, partition, offset: next, maxBytes: bytes },
        (set, aborted, offset) => {
          const looked = findData(set, aborted, offset);
          found = looked.data;
          return { records: [], nextOffset: looked.nextOffset };
        },
      );
      if (found !== undefined) return found.baseOffset < to ? found : undefined;
      next = nextOffset;
    }
    return undefined;
  }
}
