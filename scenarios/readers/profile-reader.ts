import type { FlatMessage } from '../../pipeline/contracts/messages.ts';

/** Reads visitors' profiles out of the store in which the pipeline keeps them, by code of the checker's own. */
export interface ProfileReader {
  /** The store, for people. */
  readonly name: string;
  /**
   * Offsets of the input topic's partition below this are folded into its profiles; 0 where nothing is.
   *
   * @throws ClickproofError HOP_UNREADABLE
   */
  mark(partition: number): Promise<number>;
  /**
   * The visitors' values as they are stored, null for one that has none. A visitor is a record key, its bytes as Latin-1.
   *
   * @throws ClickproofError HOP_UNREADABLE
   */
  profiles(partition: number, visitors: readonly string[]): Promise<(Buffer | null)[]>;
  close(): Promise<void>;
}

/** How a stored value is laid out (docs/decisions/0040). */
const VALUE_VERSION = 1;
const HEADER_BYTES = 5;

/** What a rule of the default rules keeps, in the order in which states are stored; those of visits stand apart. */
const DEFAULT_RULES = [
  ['first_seen', 'dated'],
  ['last_seen', 'dated'],
  ['visits', 'distinct'],
  ['events', 'count'],
  ['page_views', 'count'],
  ['first_referrer', 'dated'],
  ['last_referrer', 'dated'],
  ['first_campaign', 'dated'],
  ['last_campaign', 'dated'],
  ['user_ids', 'set'],
] as const;

type Kept = readonly [unknown, ...unknown[]] | null;

/**
 * The values that a stored profile has under the default rules, by `profile-<name>`; undefined where the value cannot be read. Values of
 * the current visit are left out, as they depend on the order of the events.
 */
export function storedValues(value: Buffer): FlatMessage | undefined {
  try {
    if (value[0] !== VALUE_VERSION) return undefined;
    const state = JSON.parse(value.toString('utf8', HEADER_BYTES + value.readUInt32LE(1))) as {
      rules: Kept[];
    };
    if (state.rules.length !== DEFAULT_RULES.length) return undefined;
    const values: FlatMessage = {};
    for (const [i, [name, keeps]] of DEFAULT_RULES.entries()) {
      const kept = state.rules[i];
      if (kept) values[`profile-${name}`] = shown(keeps, kept[0]);
    }
    return values;
  } catch {
    return undefined;
  }
}

function shown(keeps: (typeof DEFAULT_RULES)[number][1], kept: unknown): FlatMessage[string] {
  switch (keeps) {
    case 'count':
      return kept as number;
    case 'dated': // time, event id, value
      return (kept as [number, string, string])[2];
    case 'distinct':
      return (kept as { r: number[] }).r.length;
    case 'set':
      return (kept as { v: string[] }).v.toSorted();
  }
}
