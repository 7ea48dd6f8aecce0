import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { EventView } from '../readers/event-view.ts';
import { type ProfileReader, storedValues } from '../readers/profile-reader.ts';
import type { SeenRecord } from '../readers/topic-reader.ts';
import { Buckets } from './buckets.ts';
import { type ProfileEvent, ProfileFold, profileEvent } from './profile-fold.ts';
import { whyUnreadable } from './why-unreadable.ts';

export interface WrongProfile {
  readonly visitor: string;
  /** Where the profile was seen. */
  readonly where: string;
  /** Left out where there is no profile at all. */
  readonly value?: { readonly name: string; readonly expected: unknown; readonly seen: unknown };
}

/** What the events of `tracking_persisted` show of their visitors. */
export interface ProfileCounts {
  /** Those with an event of the run. */
  readonly visitors: number;
  readonly correct: number;
  readonly wrong: number;
  /** The event that would show the whole profile is not there: it is among the lost. */
  readonly unseen: number;
  /** Visitors of whom the run has no event. */
  readonly foreign: number;
  readonly samples: readonly WrongProfile[];
  /** What the store has of the same visitors; left out where it was not asked or cannot be read. */
  readonly stored?: StoredCounts;
  /** Why the store could not be read. */
  readonly unreadable?: string;
}

export interface StoredCounts {
  readonly correct: number;
  readonly wrong: number;
  readonly missing: number;
  readonly samples: readonly WrongProfile[];
}

const MOST_SAMPLES = 10;
/** Visitors whose stored profiles are held at a time. */
const VISITORS_PER_READ = 1_000;
/** The store follows the topic by a batch, and after a death of the stage by a claim: so long may its marks stand still meanwhile. */
const STANDS_STILL_MS = 45_000;
const LOOK_EVERY_MS = 50;

/** The record in which an event stands. */
type Place = Pick<SeenRecord, 'partition' | 'offset' | 'key'>;

/** An event of `tracking_flattened`, or the profile that one of `tracking_persisted` shows. */
type Line =
  | {
      readonly visitor: string;
      readonly event: string;
      readonly partition: number;
      readonly marked: boolean;
      readonly folded: ProfileEvent;
    }
  | { readonly visitor: string; readonly event: string; readonly shown: FlatMessage };

/**
 * Profiles must equal the fold of the visitor's events. The fold is made of what stands in `tracking_flattened`, each event
 * once; it is compared with the `profile-*` values that the last of these events has in `tracking_persisted`, which are those of
 * all events before it, too, and with what the profile store has. A visitor is a record key in a partition: so it is to the profile stage.
 * Only values whose result does not depend on the order of the events are compared.
 */
export class ProfileCheck {
  readonly #lines: Buckets;
  readonly #ends = new Map<number, number>();

  private constructor(lines: Buckets) {
    this.#lines = lines;
  }

  /** `events`: how many are to be expected, roughly. The folder is removed by `remove`. */
  static async create(folder: string, events: number): Promise<ProfileCheck> {
    return new ProfileCheck(await Buckets.create(join(folder, 'profiles'), 2 * events));
  }

  /** Takes an event of `tracking_flattened`; these in the order of the topic. */
  add(view: EventView, flat: FlatMessage, place: Place): Promise<void> | undefined {
    const { partition, offset } = place;
    this.#ends.set(partition, offset + 1);
    return this.#add(view, place, { partition, marked: view.marked, folded: profileEvent(flat) });
  }

  /** Takes an event of `tracking_persisted`. */
  see(view: EventView, flat: FlatMessage, place: Place): Promise<void> | undefined {
    const shown: FlatMessage = {};
    for (const name in flat) if (name.startsWith('profile-')) shown[name] = flat[name]!;
    return this.#add(view, place, { shown });
  }

  /** Compares, with the store too where there is a reader for it. Nothing can be added afterwards. */
  async result(store?: ProfileReader): Promise<ProfileCounts> {
    const counts = {
      visitors: 0,
      correct: 0,
      wrong: 0,
      unseen: 0,
      foreign: 0,
      samples: [] as WrongProfile[],
    };
    const stored = { correct: 0, wrong: 0, missing: 0, samples: [] as WrongProfile[] };
    let unreadable = store && (await whyUnreadable(() => this.#caughtUp(store)));
    for await (const lines of this.#lines.drain()) {
      const visitors = visitorsOf(lines);
      for (const visitor of visitors) compareShown(visitor, counts);
      if (store && unreadable === undefined)
        unreadable = await whyUnreadable(() => compareStored(visitors, store, stored));
    }
    if (unreadable !== undefined) return { ...counts, unreadable };
    return { ...counts, ...(store && { stored }) };
  }

  /** Removes the intermediate files. */
  remove(): Promise<void> {
    return this.#lines.remove();
  }

  #add(view: EventView, { key }: Place, line: object): Promise<void> | undefined {
    if (!view.hasProfile || key === null) return undefined;
    const visitor = key.toString('latin1');
    return this.#lines.add(visitor, stringifyJson({ visitor, event: nameOf(view), ...line }));
  }

  /** Waits until the store has folded all that was read. Where it does not come to that, what is missing will show. */
  async #caughtUp(store: ProfileReader): Promise<void> {
    let until = performance.now() + STANDS_STILL_MS;
    for (const [partition, end] of this.#ends) {
      for (let before = -1; performance.now() < until; await sleep(LOOK_EVERY_MS)) {
        const mark = await store.mark(partition);
        if (mark >= end) break;
        if (mark !== before) until = performance.now() + STANDS_STILL_MS;
        before = mark;
      }
    }
  }
}

/** Events of one id are told apart by their fingerprints, as the dedupe does. */
function nameOf({ id, fingerprint }: EventView): string {
  return `${id} ${fingerprint}`;
}

interface Visitor {
  /** The record key, its bytes as Latin-1. */
  readonly key: string;
  readonly partition: number;
  readonly fold: ProfileFold;
  readonly events: Set<string>;
  /** Whether any of them is of the run. */
  marked: boolean;
  /** The newest of them. */
  last: string;
  /** What that shows; undefined where it is not there. */
  shown: FlatMessage | undefined;
}

function visitorsOf(lines: readonly string[]): Visitor[] {
  const visitors = new Map<string, Visitor>();
  const shown = new Map<string, FlatMessage>();
  for (const text of lines) {
    const line = parseJson(text) as unknown as Line;
    if ('shown' in line) shown.set(`${line.visitor} ${line.event}`, line.shown);
    else take(visitors, line);
  }
  for (const visitor of visitors.values()) visitor.shown = shown.get(`${visitor.key} ${visitor.last}`);
  return [...visitors.values()];
}

function take(visitors: Map<string, Visitor>, line: Extract<Line, { folded: unknown }>): void {
  const { visitor: key, partition, event, marked, folded } = line;
  const name = `${partition} ${key}`;
  let visitor = visitors.get(name);
  if (visitor === undefined) {
    const fold = new ProfileFold();
    visitor = { key, partition, fold, events: new Set(), marked, last: event, shown: undefined };
    visitors.set(name, visitor);
  }
  if (visitor.events.has(event)) return;
  visitor.events.add(event);
  visitor.marked ||= marked;
  visitor.last = event;
  visitor.fold.add(folded);
}

function compareShown(
  visitor: Visitor,
  counts: {
    visitors: number;
    correct: number;
    wrong: number;
    unseen: number;
    foreign: number;
    samples: WrongProfile[];
  },
): void {
  if (!visitor.marked) {
    counts.foreign += 1;
    return;
  }
  counts.visitors += 1;
  if (visitor.shown === undefined) {
    counts.unseen += 1;
    return;
  }
  const value = difference(visitor.fold, visitor.shown);
  if (value === undefined) counts.correct += 1;
  else counts.wrong += 1;
  if (value) addSample(counts.samples, visitor, 'the visitor’s last event', value);
}

async function compareStored(
  all: readonly Visitor[],
  store: ProfileReader,
  counts: { correct: number; wrong: number; missing: number; samples: WrongProfile[] },
): Promise<void> {
  const ofRun = Map.groupBy(
    all.filter(({ marked }) => marked),
    ({ partition }) => partition,
  );
  for (const [partition, visitors] of ofRun) {
    const where = `${store.name}, partition ${partition}`;
    for (let from = 0; from < visitors.length; from += VISITORS_PER_READ) {
      const some = visitors.slice(from, from + VISITORS_PER_READ);
      const found = await store.profiles(
        partition,
        some.map(({ key }) => key),
      );
      for (const [i, visitor] of some.entries()) {
        const stored = found[i];
        if (!stored) {
          counts.missing += 1;
          addSample(counts.samples, visitor, where);
          continue;
        }
        const value = difference(visitor.fold, storedValues(stored) ?? {});
        if (value === undefined) {
          counts.correct += 1;
          continue;
        }
        counts.wrong += 1;
        addSample(counts.samples, visitor, where, value);
      }
    }
  }
}

function addSample(
  samples: WrongProfile[],
  { key }: Visitor,
  where: string,
  value?: WrongProfile['value'],
): void {
  if (samples.length >= MOST_SAMPLES) return;
  samples.push({ visitor: Buffer.from(key, 'latin1').toString(), where, ...(value && { value }) });
}

/** The first value that is not what the events fold to. */
function difference(fold: ProfileFold, seen: FlatMessage): WrongProfile['value'] {
  for (const [name, expected] of Object.entries(fold.values())) {
    if (!same(expected, seen[name])) return { name, expected, seen: seen[name] };
  }
  return undefined;
}

function same(expected: unknown, seen: unknown): boolean {
  if (expected === undefined || seen === undefined) return expected === seen;
  return JSON.stringify(expected) === JSON.stringify(seen);
}
