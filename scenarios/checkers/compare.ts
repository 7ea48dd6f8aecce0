import { holds } from './content.ts';
import type { ExpectedRow, ObservedRow, Row } from './rows.ts';

/** How often a hop shows an event that was sent several times. */
export type Multiplicity =
  /** As often as it was received: repeats are still in. */
  | 'each'
  /** Once, however often it was received. */
  | 'once';

export interface HopRule {
  readonly name: string;
  readonly multiplicity: Multiplicity;
}

/** What can be wrong with an event at a hop. */
export type FindingKind = 'lost' | 'duplicated' | 'corrupted' | 'spurious' | 'misrouted' | 'disordered';

/** One example of what was found. */
export interface Finding {
  readonly kind: FindingKind;
  readonly hop: string;
  readonly key: string;
  /** Where it was seen; for a lost one, where it was seen last. */
  readonly where: string;
}

/** The counts of one hop. Units: requests or events, as the comparison's keys are. */
export interface HopCount {
  readonly hop: string;
  /** How many must be here. */
  expected: number;
  /** How many of them are. */
  delivered: number;
  /** Sent without an answer: not required, and here. */
  indeterminate: number;
  /** Not here though the hop before had it. */
  lost: number;
  duplicated: number;
  /** Here with other content than was sent. */
  corrupted: number;
  /** Carries the run's mark, but was never sent. */
  spurious: number;
  /** Other people's traffic. */
  foreign: number;
  /** Records read in all. */
  records: number;
}

const SAMPLES_A_KIND = 10;

/**
 * Compares what was meant with what each hop shows, key by key. Feed it whole keys (all rows of a key in one call);
 * memory is that of one call.
 */
export class Comparison {
  readonly hops: readonly HopRule[];
  readonly counts: HopCount[];
  readonly findings: Finding[] = [];
  readonly #samples = new Map<string, number>();

  constructor(hops: readonly HopRule[]) {
    this.hops = hops;
    this.counts = hops.map(({ name }) => ({
      hop: name,
      expected: 0,
      delivered: 0,
      indeterminate: 0,
      lost: 0,
      duplicated: 0,
      corrupted: 0,
      spurious: 0,
      foreign: 0,
      records: 0,
    }));
  }

  /** Takes the rows of some keys; a key's rows must all be among them. */
  add(rows: Iterable<Row>): void {
    const keys = new Map<string, { expected: ExpectedRow[]; observed: ObservedRow[] }>();
    for (const row of rows) {
      const { key } = 'expected' in row ? row.expected : row.observed;
      const entry = keys.get(key) ?? { expected: [], observed: [] };
      keys.set(key, entry);
      if ('expected' in row) entry.expected.push(row.expected);
      else entry.observed.push(row.observed);
    }
    for (const [key, { expected, observed }] of keys) this.#compareKey(key, expected, observed);
  }

  #compareKey(key: string, expected: readonly ExpectedRow[], observed: readonly ObservedRow[]): void {
    const groups = groupsOf(expected);
    let before: Map<string, number> | undefined;
    let missingBefore = 0;
    let lastSeen = 'the collector';
    for (const [index, rule] of this.hops.entries()) {
      const here = observed.filter((row) => row.hop === index);
      const count = this.counts[index]!;
      count.records += here.length;
      const wanted = groups.map((group) => bounds(group, rule.multiplicity, before));
      const { missing, perGroup } = this.#compareHop(rule.name, key, groups, wanted, here, count);
      const lost = Math.max(0, missing - missingBefore);
      count.lost += lost;
      if (lost > 0) this.#found({ kind: 'lost', hop: rule.name, key, where: lastSeen });
      missingBefore = missing;
      before = perGroup;
      if (here.length > 0) lastSeen = here[0]!.where;
    }
  }

  #compareHop(
    hop: string,
    key: string,
    groups: readonly Group[],
    wanted: readonly Bounds[],
    here: readonly ObservedRow[],
    count: HopCount,
  ): { missing: number; perGroup: Map<string, number> } {
    const strangers: ObservedRow[] = [];
    const matched = groups.map(() => [] as ObservedRow[]);
    for (const row of here) {
      const group = groups.findIndex((candidate) => isOf(row, candidate));
      if (group < 0) {
        strangers.push(row);
        continue;
      }
      matched[group]!.push(row);
      groups[group]!.contents.add(row.content);
    }
    let missing = 0;
    const perGroup = new Map<string, number>();
    for (const [i, group] of groups.entries()) {
      const { least, most } = wanted[i]!;
      const seen = matched[i]!;
      count.expected += least;
      count.delivered += Math.min(seen.length, least);
      count.indeterminate += Math.max(0, Math.min(seen.length, most) - least);
      if (seen.length > most) {
        count.duplicated += seen.length - most;
        this.#found({
          kind: 'duplicated',
          hop,
          key,
          where: seen
            .map(({ where }) => where)
            .slice(0, 4)
            .join(', '),
        });
      }
      missing += Math.max(0, least - seen.length);
      perGroup.set(group.name, Math.min(seen.length, most));
    }
    // A record with unknown content in place of one that is missing is that one, altered.
    for (const row of strangers) {
      const gap = groups.findIndex((group, i) => perGroup.get(group.name)! < wanted[i]!.most);
      if (gap >= 0) {
        const group = groups[gap]!;
        if (perGroup.get(group.name)! < wanted[gap]!.least) missing -= 1;
        perGroup.set(group.name, perGroup.get(group.name)! + 1);
        // Altered here: the hops behind hand on what they get.
        group.contents.add(row.content);
        count.corrupted += 1;
        this.#found({ kind: 'corrupted', hop, key, where: row.where });
      } else if (row.marked) {
        count.spurious += 1;
        this.#found({ kind: 'spurious', hop, key, where: row.where });
      } else {
        count.foreign += 1;
      }
    }
    return { missing, perGroup };
  }

  #found(finding: Finding): void {
    const sort = `${finding.kind} ${finding.hop}`;
    const already = this.#samples.get(sort) ?? 0;
    if (already >= SAMPLES_A_KIND) return;
    this.#samples.set(sort, already + 1);
    this.findings.push(finding);
  }
}

/** Rows of one key that are the same event: the first sending and its repeats. */
interface Group {
  readonly name: string;
  acknowledged: number;
  unknown: number;
  /** What its sendings must hold; null where only the key counts. */
  readonly stated: (Uint32Array | null)[];
  /** Contents under which it was seen so far. */
  readonly contents: Set<string>;
}

/** A record shows an event where it has the content known from the hop before, or holds what was sent. */
function isOf(row: ObservedRow, group: Group): boolean {
  if (group.contents.has(row.content)) return true;
  if (row.fields === null) return group.contents.size === 0 && group.stated.includes(null);
  return group.stated.some((stated) => stated === null || holds(row.fields!, stated));
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function newGroup(name: string): Group {
  return { name, acknowledged: 0, unknown: 0, stated: [], contents: new Set() };
}

function groupsOf(rows: readonly ExpectedRow[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const group = groups.get(row.group) ?? newGroup(row.group);
    groups.set(row.group, group);
    group[row.answer] += 1;
    group.stated.push(row.stated);
  }
  return [...groups.values()];
}

/** What a hop saw, the next must show: an unanswered event that reached one hop is no longer free to vanish. */
function bounds(group: Group, multiplicity: Multiplicity, before: Map<string, number> | undefined): Bounds {
  const most = group.acknowledged + group.unknown;
  const least = Math.max(group.acknowledged, before?.get(group.name) ?? 0);
  return multiplicity === 'each' ? { least, most } : { least: Math.min(1, least), most: Math.min(1, most) };
}
