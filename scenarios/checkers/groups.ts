import { holds } from './content.ts';
import type { ExpectedRow, ObservedRow } from './rows.ts';

/** Rows of one key that are the same event: the first sending and its repeats. */
export interface Group {
  readonly name: string;
  /** How often it was sent, with an answer and without. */
  acknowledged: number;
  unknown: number;
  /** Each different content is an event of its own: see `ExpectedRow`. */
  readonly nameless: boolean;
  /** What its sendings must hold, each different statement once; null where only the key counts. */
  readonly stated: (Uint32Array | null)[];
  /** Where in `stated` the last match was: sendings come in nearly the same order at every hop. */
  cursor: number;
  /** True once some record showed it. */
  seen: boolean;
  /** How many records show it, by hop; altered ones among them. */
  readonly shown: number[];
  /** How many different events these are, by hop. */
  readonly different: number[];
  /** Contents that are not as sent; undefined: none. */
  altered: Set<string> | undefined;
  /** The records of the hop in hand that show it as sent. */
  rows: ObservedRow[];
  /** Where it was seen last. */
  where: string;
}

/** The groups of one key, found by what a record shows. All look-ups take constant time however many groups or repeats there are. */
export class Groups {
  readonly all: readonly Group[];
  readonly #byName = new Map<string, Group>();
  readonly #byContent = new Map<string, Group>();

  constructor(rows: readonly ExpectedRow[]) {
    const statements = new Map<Group, Set<string>>();
    for (const row of rows) {
      let group = this.#byName.get(row.group);
      if (group === undefined) {
        group = newGroup(row);
        this.#byName.set(row.group, group);
      }
      group[row.answer] += 1;
      // Most events are sent once.
      if (group.stated.length > 0 && !isNew(row.stated, group, statements)) continue;
      group.stated.push(row.stated);
    }
    this.all = [...this.#byName.values()];
  }

  /** The group that a record shows: one known by this content, or whose statement it holds. */
  find(row: ObservedRow): Group | undefined {
    const known = this.#byContent.get(row.content);
    if (known) return known;
    // Where no fingerprint can be foretold, the group has no name.
    for (const group of [this.#byName.get(row.group), this.#byName.get('')]) {
      if (group && isShownBy(group, row)) {
        this.learn(group, row);
        return group;
      }
    }
    return undefined;
  }

  /** From now on this content is this group's: the hops behind hand on what they get. */
  learn(group: Group, { content }: ObservedRow): void {
    group.seen = true;
    this.#byContent.set(content, group);
  }
}

function isNew(stated: Uint32Array | null, group: Group, statements: Map<Group, Set<string>>): boolean {
  const known = statements.get(group) ?? new Set(group.stated.map(String));
  statements.set(group, known);
  const { size } = known;
  return known.add(String(stated)).size > size;
}

function newGroup({ group, nameless }: ExpectedRow): Group {
  return {
    name: group,
    acknowledged: 0,
    unknown: 0,
    nameless: nameless ?? false,
    stated: [],
    cursor: 0,
    seen: false,
    shown: [],
    different: [],
    altered: undefined,
    rows: [],
    where: 'the collector',
  };
}

function isShownBy(group: Group, row: ObservedRow): boolean {
  // No hop before showed it, and this one shows no fields: there is nothing to compare it with.
  if (row.fields === null) return !group.seen;
  const { stated } = group;
  for (let i = 0; i < stated.length; i++) {
    const at = (group.cursor + i) % stated.length;
    const statement = stated[at]!;
    if (statement !== null && !holds(row.fields, statement)) continue;
    group.cursor = (at + 1) % stated.length;
    return true;
  }
  return false;
}
