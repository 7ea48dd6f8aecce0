import { join } from 'node:path';
import { parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { EventView } from '../readers/event-view.ts';
import { Buckets } from './buckets.ts';
import { type ProfileEvent, ProfileFold, profileEvent } from './profile-fold.ts';

export interface WrongProfile {
  readonly visitor: string;
  readonly value: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

export interface ProfileCounts {
  readonly visitors: number;
  readonly correct: number;
  readonly wrong: number;
  /** The event that would show the whole profile is not there: it is among the lost. */
  readonly unseen: number;
  readonly samples: readonly WrongProfile[];
}

const MOST_SAMPLES = 10;

/** An event of `tracking_flattened`, or the profile that one of `tracking_persisted` shows. */
type Line =
  | { readonly visitor: string; readonly event: string; readonly folded: ProfileEvent }
  | { readonly visitor: string; readonly event: string; readonly shown: FlatMessage };

/**
 * Profiles must equal the fold of the visitor's events. The fold is made of what stands in `tracking_flattened`, each event
 * once; it is compared with the `profile-*` values that the last of these events has in `tracking_persisted`, which are those of
 * all events before it, too. Only values whose result does not depend on the order of the events are compared.
 */
export class ProfileCheck {
  readonly #lines: Buckets;

  private constructor(lines: Buckets) {
    this.#lines = lines;
  }

  /** `events`: how many are to be expected, roughly. The folder is removed by `remove`. */
  static async create(folder: string, events: number): Promise<ProfileCheck> {
    return new ProfileCheck(await Buckets.create(join(folder, 'profiles'), 2 * events));
  }

  /** Takes an event of `tracking_flattened`; these in the order of the topic. */
  add(view: EventView, flat: FlatMessage): Promise<void> | undefined {
    return this.#add(view, { visitor: view.visitor, event: nameOf(view), folded: profileEvent(flat) });
  }

  /** Takes an event of `tracking_persisted`. */
  see(view: EventView, flat: FlatMessage): Promise<void> | undefined {
    const shown: FlatMessage = {};
    for (const name in flat) if (name.startsWith('profile-')) shown[name] = flat[name]!;
    return this.#add(view, { visitor: view.visitor, event: nameOf(view), shown });
  }

  /** Compares. Nothing can be added afterwards. */
  async result(): Promise<ProfileCounts> {
    const counts = { visitors: 0, correct: 0, wrong: 0, unseen: 0, samples: [] as WrongProfile[] };
    for await (const lines of this.#lines.drain()) {
      const visitors = new Map<string, Visitor>();
      for (const line of lines) take(visitors, parseJson(line) as unknown as Line);
      for (const [name, visitor] of visitors) compare(name, visitor, counts);
    }
    return counts;
  }

  /** Removes the intermediate files. */
  remove(): Promise<void> {
    return this.#lines.remove();
  }

  #add(view: EventView, line: Line): Promise<void> | undefined {
    return view.hasProfile ? this.#lines.add(view.visitor, stringifyJson(line)) : undefined;
  }
}

/** Events of one id are told apart by their fingerprints, as the dedupe does. */
function nameOf({ id, fingerprint }: EventView): string {
  return `${id} ${fingerprint}`;
}

interface Visitor {
  readonly fold: ProfileFold;
  readonly events: Set<string>;
  /** The newest of them. */
  last: string | undefined;
  readonly shown: Map<string, FlatMessage>;
}

function take(visitors: Map<string, Visitor>, line: Line): void {
  let visitor = visitors.get(line.visitor);
  if (visitor === undefined) {
    visitor = { fold: new ProfileFold(), events: new Set(), last: undefined, shown: new Map() };
    visitors.set(line.visitor, visitor);
  }
  if ('shown' in line) {
    visitor.shown.set(line.event, line.shown);
  } else if (!visitor.events.has(line.event)) {
    visitor.events.add(line.event);
    visitor.last = line.event;
    visitor.fold.add(line.folded);
  }
}

function compare(
  name: string,
  { fold, last, shown }: Visitor,
  counts: { visitors: number; correct: number; wrong: number; unseen: number; samples: WrongProfile[] },
): void {
  if (last === undefined) return;
  counts.visitors += 1;
  const seen = shown.get(last);
  if (seen === undefined) {
    counts.unseen += 1;
    return;
  }
  const wrong = Object.entries(fold.values()).find(([value, expected]) => !same(expected, seen[value]));
  if (wrong === undefined) {
    counts.correct += 1;
    return;
  }
  counts.wrong += 1;
  if (counts.samples.length >= MOST_SAMPLES) return;
  counts.samples.push({ visitor: name, value: wrong[0], expected: wrong[1], seen: seen[wrong[0]] });
}

function same(expected: unknown, seen: unknown): boolean {
  if (expected === undefined || seen === undefined) return expected === seen;
  return JSON.stringify(expected) === JSON.stringify(seen);
}
