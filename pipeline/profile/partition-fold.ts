import { collidingEventId } from '../contracts/ids.ts';
import type { FlatMessage } from '../contracts/messages.ts';
import { digest, word } from './digest.ts';
import { eventTime, type ProfileFold } from './fold.ts';
import { PartitionWindow } from './partition-window.ts';
import { decodeVisitor, encodeVisitor, NEW_VISITOR, type VisitorValue } from './visitor-value.ts';
import { judge, remember } from './visitor-window.ts';

/** One event of the input partition. */
export interface FoldInput {
  readonly offset: number;
  /** The record's: Unix time, ms. */
  readonly timestamp: number;
  /** The record's key as Latin-1, byte for byte; null: no visitor is known, so there is no profile. */
  readonly visitor: string | null;
  /** Has `event-event_id`, and of the other values at least those that {@link PartitionFold.reads} names. */
  readonly fields: FlatMessage;
}

/** `repeat`: the same line again; `retry`: the same event in another request. Both are dropped. */
export type FoldOutcome =
  | {
      readonly kind: 'event' | 'collision';
      /** What the message gets in addition, or in place of what it had: the profile, and after a collision another id. */
      readonly added: FlatMessage;
    }
  | { readonly kind: 'repeat' | 'retry' };

/** What has been counted below the mark: exact, whatever crashed, because it is folded like the profiles. */
export interface FoldCounts {
  events: number;
  /** The same line again: the shipper repeated it. */
  repeats: number;
  /** The same event in another request: the tracker repeated it. */
  retries: number;
  /** Events that got a new id, because another event of the visitor had theirs. */
  collisions: number;
  /** Dedupe entries given up while younger than the horizon: repeats of them would count twice. */
  recentEvictions: number;
}

/** Progress of one partition, stored with its mark. */
export interface FoldProgress {
  /** The last offset folded; -1: none. */
  readonly last: number;
  readonly counts: FoldCounts;
}

export interface FoldLimits {
  /** How many events of a visitor are remembered. */
  readonly visitorWindow: number;
  /** How many offsets of a partition are remembered. */
  readonly partitionWindow: number;
  /** Evictions younger than this are counted, ms. */
  readonly horizonMs: number;
}

export const NO_PROGRESS: FoldProgress = {
  last: -1,
  counts: { events: 0, repeats: 0, retries: 0, collisions: 0, recentEvictions: 0 },
};

/** What one batch changed, to be applied in one step. */
export interface FoldChanges {
  /** New values by visitor (Latin-1 key). */
  readonly values: ReadonlyMap<string, Buffer>;
  readonly segment: Buffer | null;
  /** Segments that end at or below this offset are of no more use. */
  readonly dropBefore: number;
  readonly progress: FoldProgress;
}

/** What is looked at besides what the rules of the profile look at. */
const OWN_FIELDS = [
  'event-event_id',
  'event-event_fingerprint',
  'request-request_id',
  'log-path',
  'log-offset',
  'kafka_raw-index',
];

/** How many visitors' values are held between batches. */
const HELD_VISITORS = 2_000;

/**
 * The profile stage's pure part: state at a mark is the fold of the partition's records below it, however they were cut
 * into batches. A batch is: `begin`, `load`, `fold` or `skip` for each record in offset order, `changes`. An error that is thrown leaves this object as it
 * was before the event.
 */
export class PartitionFold {
  readonly #profile: ProfileFold;
  readonly #limits: FoldLimits;
  readonly #window: PartitionWindow;
  readonly #counts: FoldCounts;
  #last: number;
  readonly #visitors = new Map<string, VisitorValue>();
  #changed = new Set<string>();

  constructor(
    profile: ProfileFold,
    limits: FoldLimits,
    saved: { progress: FoldProgress; segments: readonly Buffer[] } = { progress: NO_PROGRESS, segments: [] },
  ) {
    this.#profile = profile;
    this.#limits = limits;
    this.#window = new PartitionWindow(limits.partitionWindow, saved.segments);
    this.#counts = { ...saved.progress.counts };
    this.#last = saved.progress.last;
    // Segments are dropped whole: what is too old in the oldest of them has been counted already.
    if (this.#last >= 0) this.#window.advance(this.#last, 0, Number.NEGATIVE_INFINITY);
  }

  /** Names of the values that a fold with this profile looks at. */
  static reads(profile: ProfileFold): string[] {
    return [...OWN_FIELDS, ...profile.reads];
  }

  /**
   * Starts a batch. Returns those of its visitors whose stored values are wanted; the others' are held from batches before, which is as
   * good: values at a mark are the same wherever they are kept.
   */
  begin(visitors: Iterable<string>): string[] {
    this.#changed = new Set();
    const wanted: string[] = [];
    for (const visitor of visitors) {
      const held = this.#visitors.get(visitor);
      if (held) {
        this.#visitors.delete(visitor); // to the end: the last to go
        this.#visitors.set(visitor, held);
      } else {
        wanted.push(visitor);
      }
    }
    return wanted;
  }

  /**
   * Gives the wanted values; those that the store does not have are missing.
   *
   * @throws ClickproofError PROFILE_STORE_CORRUPT a value cannot be read
   */
  load(values: ReadonlyMap<string, Buffer>): void {
    for (const [visitor, value] of values) this.#visitors.set(visitor, decodeVisitor(value));
  }

  fold({ offset, timestamp, visitor, fields }: FoldInput): FoldOutcome {
    const seconds = Math.max(0, Math.floor(timestamp / 1000)) % 2 ** 32;
    this.#counts.recentEvictions += this.#window.advance(offset, timestamp, this.#limits.horizonMs);
    this.#last = offset;

    const eventId = fields['event-event_id'] as string;
    const fingerprint = String(fields['event-event_fingerprint'] ?? '');
    const line = lineDigest(fields, eventId, fingerprint);
    if (this.#window.hasLine(line)) {
      this.#counts.repeats++;
      return { kind: 'repeat' };
    }

    const id = digest(eventId);
    const print = word(digest(fingerprint), 0);
    const value = visitor === null ? null : (this.#visitors.get(visitor) ?? NEW_VISITOR);
    const verdict = value === null ? this.#window.judgeAnonymous(id, print) : judge(value.window, id, print);
    const folded =
      verdict !== 'retry' && value !== null ? this.#foldProfile(value, timestamp, eventId, fields) : null;

    this.#window.rememberLine(offset, seconds, line);
    if (verdict === 'retry') {
      this.#counts.retries++;
      return { kind: 'retry' };
    }

    if (folded === null) {
      this.#window.rememberAnonymous(offset, seconds, id, print);
    } else {
      const { window, evicted } = remember(value!.window, { id, print, seconds }, this.#limits.visitorWindow);
      if (evicted !== undefined && timestamp - evicted * 1000 < this.#limits.horizonMs)
        this.#counts.recentEvictions++;
      this.#visitors.set(visitor!, { window, state: folded.state });
      this.#changed.add(visitor!);
    }
    this.#counts.events++;
    const added = folded?.values ?? {};
    if (verdict === 'new') return { kind: 'event', added };
    this.#counts.collisions++;
    added['event-event_id'] = collidingEventId(eventId, fingerprint);
    added['event-original_event_id'] = eventId;
    return { kind: 'collision', added };
  }

  /** A record that is no event: it only moves the window on. */
  skip(offset: number, timestamp: number): void {
    this.#counts.recentEvictions += this.#window.advance(offset, timestamp, this.#limits.horizonMs);
    this.#last = offset;
  }

  changes(): FoldChanges {
    const values = new Map<string, Buffer>();
    for (const visitor of this.#changed) values.set(visitor, encodeVisitor(this.#visitors.get(visitor)!));
    for (const visitor of this.#visitors.keys()) {
      if (this.#visitors.size <= HELD_VISITORS) break;
      this.#visitors.delete(visitor);
    }
    return {
      values,
      segment: this.#window.takeSegment(),
      dropBefore: this.#last - this.#limits.partitionWindow,
      progress: this.progress(),
    };
  }

  progress(): FoldProgress {
    return { last: this.#last, counts: { ...this.#counts } };
  }

  #foldProfile(value: VisitorValue, timestamp: number, id: string, fields: FlatMessage) {
    const state = this.#profile.add(value.state, { time: eventTime(fields, timestamp), id, fields });
    return { state, values: this.#profile.values(state) };
  }
}

/**
 * Names the event's place in the access log: request and index; path and offset where the line has no request id. What the event
 * is goes in too, so that a place that is used twice (a file begun anew) hides no event.
 */
function lineDigest(fields: FlatMessage, eventId: string, fingerprint: string): string {
  const place = fields['request-request_id'] || `${fields['log-path']}\0${fields['log-offset']}`;
  return digest(`${place}\0${fields['kafka_raw-index']}\0${eventId}\0${fingerprint}`);
}
