import { stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { places } from '../faults/in-process.ts';
import { EmbeddedTopicReader } from '../readers/embedded-topic-reader.ts';
import { flatOfFlattened } from '../readers/flat-view.ts';
import { storedValues } from '../readers/profile-reader.ts';
import { SqliteProfileReader } from '../readers/sqlite-profile-reader.ts';

/** Values by name, each as JSON text. */
type Texts = Readonly<Record<string, string>>;

/** What a pipeline has come to in the end, whichever way it got there. */
export interface FinalState {
  /** By the id that the tracker gave: the fields of each event of that id, in no particular order of their own. */
  readonly events: ReadonlyMap<string, readonly Texts[]>;
  /** By visitor: the values that do not depend on the order of the events. */
  readonly profiles: ReadonlyMap<string, readonly Texts[]>;
}

/** Changes a field of an event, or a value of a profile, before it is compared; undefined leaves it out. */
export type Lens = (name: string, value: FlatMessage[string]) => FlatMessage[string] | undefined;

/** How a state is read. */
export interface Reading {
  readonly lens?: Lens | undefined;
  /**
   * Ids of events that were sent several times. Which sending counts is up to chance where they lie in different partitions, so when these
   * came is left out, and when their visitors were seen.
   */
  readonly repeated: ReadonlySet<string>;
}

/** Where an event came along, and values of single events that follow from the order. */
const WAY = /^(kafka_raw|log|request|profile)-/;
const RULED = new Set(['event-event_id', 'event-original_event_id', 'event-etl_tstamp']);
const TIME = /^event-(collector|derived|dvce_sent)_tstamp$|^query-stm$|^profile-(first|last)_seen$/;

/** Reads the events that were persisted, and the profiles of their visitors out of the store. */
export async function finalState(
  folder: string,
  { lens = (_, value) => value, repeated }: Reading,
): Promise<FinalState> {
  const { eventLog, profiles: store } = places(folder);
  const topics = new EmbeddedTopicReader(eventLog);
  const reader = new SqliteProfileReader(store, DEFAULT_TOPICS.flattened);
  const events = new Map<string, Texts[]>();
  const visitors = new Map<string, { readonly partition: number; dated: boolean }>();
  try {
    for (const { partition, key, value } of topics.records(DEFAULT_TOPICS.persisted)) {
      const flat = flatOfFlattened(String(value));
      const id = String(flat['event-original_event_id'] ?? flat['event-event_id']);
      const dated = !repeated.has(id.toLowerCase());
      const texts = textsOf(
        flat,
        lens,
        (name) => !WAY.test(name) && !RULED.has(name) && (dated || !TIME.test(name)),
      );
      events.set(
        id,
        [...(events.get(id) ?? []), texts].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      );
      const visitor = key!.toString('latin1');
      const known = visitors.get(visitor);
      visitors.set(visitor, { partition, dated: dated && known?.dated !== false });
    }
    const profiles = new Map<string, Texts[]>();
    for (const [visitor, { partition, dated }] of visitors) {
      const [value] = await reader.profiles(partition, [visitor]);
      if (!value) continue;
      profiles.set(visitor, [textsOf(storedValues(value) ?? {}, lens, (name) => dated || !TIME.test(name))]);
    }
    return { events, profiles };
  } finally {
    topics.close();
    await reader.close();
  }
}

function textsOf(flat: FlatMessage, lens: Lens, counts: (name: string) => boolean): Texts {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(flat).filter(counts).sort()) {
    const value = lens(name, flat[name]!);
    if (value !== undefined) texts[name] = stringifyJson(value as object);
  }
  return texts;
}

const MOST_SHOWN = 10;

/** How a state differs from the usual one, for people; empty where it does not. */
export function differences(state: FinalState, usual: FinalState): string[] {
  const found: string[] = [];
  for (const part of ['events', 'profiles'] as const) {
    for (const key of new Set([...usual[part].keys(), ...state[part].keys()])) {
      const [is = [], was = []] = [state[part].get(key), usual[part].get(key)];
      if (is.length !== was.length) found.push(`${part} ${key}: ${is.length} instead of ${was.length}`);
      else for (const [i, texts] of is.entries()) found.push(...unequal(`${part} ${key}`, texts, was[i]!));
    }
  }
  return found.slice(0, MOST_SHOWN);
}

function unequal(what: string, is: Texts, was: Texts): string[] {
  return [...new Set([...Object.keys(is), ...Object.keys(was)])]
    .filter((name) => is[name] !== was[name])
    .map((name) => `${what}: ${name} is ${is[name]} instead of ${was[name]}`);
}
