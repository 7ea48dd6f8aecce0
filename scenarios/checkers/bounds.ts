import type { Group } from './groups.ts';

/** How often a hop shows an event that was sent several times. */
export type Multiplicity =
  /** As often as it was received: repeats are still in. */
  | 'each'
  /** Once, however often it was received. */
  | 'once'
  /** Once, or as often as it was received, or in between: nobody said. */
  | 'any';

export interface HopRule {
  readonly name: string;
  readonly multiplicity: Multiplicity;
  /** Index of the hop that it reads from; by default the one before it in the list. */
  readonly after?: number;
  /** False where the hop could not be read: nothing is said of it then. */
  readonly read?: boolean;
}

/** What a hop owes to a group, given what the hop before showed. */
export interface Bounds {
  /** How often a hop must show the group, and how often it may. */
  readonly least: number;
  readonly most: number;
  /** How often the hop can show it, given what it got; undefined at the first hop. */
  readonly reach: number | undefined;
  /** How many repeats end here. */
  readonly repeats: number;
}

/** What a hop saw, the next must show: an unanswered event that reached one hop is no longer free to vanish. */
export function boundsOf(
  group: Group,
  { multiplicity }: HopRule,
  from: number,
  source: HopRule | undefined,
): Bounds {
  const sent = group.acknowledged + group.unknown;
  const before = group.shown[from];
  const least = Math.max(group.acknowledged, Math.min(before ?? 0, sent));
  if (multiplicity === 'each') return { least, most: sent, reach: before, repeats: 0 };
  if (multiplicity === 'any') return { least: Math.min(1, least), most: sent, reach: before, repeats: 0 };
  const once = group.different[from] ?? 1;
  const merges = source !== undefined && source.multiplicity !== 'once' && before !== undefined;
  return {
    least: Math.min(once, least),
    most: Math.min(once, sent),
    reach: merges ? Math.min(once, before) : before,
    repeats: merges ? Math.max(0, before - once) : 0,
  };
}

/** Events without an id are told apart by their content; an altered one is taken for one of its own. */
export function differentOf({ rows }: Group, shown: number): number {
  return new Set(rows.map(({ content }) => content)).size + shown - rows.length;
}

/** A hop that could not be read is taken to show what it got. */
export function handOn(group: Group, from: number, hop: number): void {
  group.shown[hop] = group.shown[from] ?? group.acknowledged;
  group.different[hop] = group.different[from] ?? 1;
}
