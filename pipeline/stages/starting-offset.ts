import { ClickproofError } from '../contracts/errors.ts';
import type { EventLog, PartitionEnds } from '../log/port.ts';

/** Offsets `from` (inclusive) to `to` (exclusive) that can no longer be read. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Where a partition is read, and by whom. */
export interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** What to do about records that are gone: told of the gap, it throws to stop, or returns to go on. */
export type OnGap = (gap: Gap, what: string) => void;

/**
 * Reads the group's offset and the ends of a partition. Only after the transactional id was claimed is the offset final. The ends
 * come after it: whoever has been fenced in between sees them move on, and must not find its successor's offset beyond them.
 */
export async function readPosition(log: EventLog, { group, topic, partition }: Place) {
  const committed = await log.committed(group, topic);
  const ends = await log.ends(topic);
  const end = ends.find((candidate) => candidate.partition === partition);
  if (!end) {
    throw new ClickproofError('TOPIC_MISMATCH', `topic ${topic} has no partition ${partition} any more`);
  }
  return { committed: committed[partition] ?? null, ends: end };
}

/**
 * Where a group goes on: at its offset; without one at the start of the log. Brokers reset silently what is out of range; here it is said.
 *
 * @throws ClickproofError REFUSED the offset is above the end of the log: the topic was made anew
 */
export function startingOffset(
  place: Place,
  committed: number | null,
  ends: PartitionEnds,
  onGap: OnGap,
): number {
  if (committed === null) return ends.start;
  if (committed > ends.end) {
    throw refusal(
      place,
      `group ${place.group} is at offset ${committed}, but the log ends at ${ends.end}: the topic was made anew`,
      `reset the offsets of group ${place.group}, or restore the topic`,
    );
  }
  if (committed >= ends.start) return committed;
  onGap({ from: committed, to: ends.start }, `group ${place.group} is at offset ${committed}`);
  return ends.start;
}

/** An error that ends the consumer: going on would make things worse. */
export function refusal(place: Place, message: string, remedy: string): ClickproofError {
  return new ClickproofError('REFUSED', `${place.topic}/${place.partition}: ${message}`, { remedy });
}

/** The rule for gaps: reported once however often it is claimed; then refused, unless loss is accepted. */
export class LossPolicy {
  readonly #known = new Set<string>();
  readonly #place: Place;
  readonly #accept: boolean;
  readonly #report: (gap: Gap, message: string) => void;

  constructor(place: Place, accept: boolean, report: (gap: Gap, message: string) => void) {
    this.#place = place;
    this.#accept = accept;
    this.#report = report;
  }

  readonly onGap: OnGap = (gap, what) => {
    const lost = `${what}, but the log begins at ${gap.to}: offsets ${gap.from} to ${gap.to - 1} are lost`;
    if (!this.#known.has(lost)) {
      this.#known.add(lost);
      this.#report(gap, lost);
    }
    if (this.#accept) return;
    throw refusal(this.#place, lost, 'start with --accept-loss to go on without them');
  };
}
