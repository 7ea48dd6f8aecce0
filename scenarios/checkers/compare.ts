import { type Bounds, boundsOf, differentOf, type HopRule, handOn } from './bounds.ts';
import { type Group, Groups } from './groups.ts';
import type { ExpectedRow, ObservedRow, Row } from './rows.ts';

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

/**
 * The counts of one hop. Units: requests or events, as the comparison's keys are. A fault is counted once, at the hop that made it:
 * what a hop got lost, doubled, altered or made up already is not its own.
 */
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
  /** Repeats that the hop before showed and this one rightly does not. */
  repeats: number;
  /** Records read in all. */
  records: number;
  /** How many of the run's records lead their line: see `ObservedRow`. */
  lines: number;
}

/** Who wants to know more than counts and samples. */
export interface ComparisonWatcher {
  /** A group of a key was not shown as often as it was acknowledged, or some of it was not answered. */
  onUneven?(key: string, group: Group): void;
  /** An altered or made-up record; `own`: this hop made it so. */
  onDeviant?(deviant: {
    readonly hop: number;
    readonly kind: 'corrupted' | 'spurious';
    readonly row: ObservedRow;
    readonly own: boolean;
  }): void;
  onLost?(hop: number, key: string, times: number): void;
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
  readonly #watcher: ComparisonWatcher;

  constructor(hops: readonly HopRule[], watcher: ComparisonWatcher = {}) {
    this.hops = hops;
    this.#watcher = watcher;
    this.counts = hops.map(({ name }) => emptyCount(name));
  }

  /** Takes the rows of some keys; a key's rows must all be among them. */
  add(rows: Iterable<Row>): void {
    const keys = new Map<string, { expected: ExpectedRow[]; observed: ObservedRow[] }>();
    for (const row of rows) {
      const { key } = 'expected' in row ? row.expected : row.observed;
      let entry = keys.get(key);
      if (entry === undefined) {
        entry = { expected: [], observed: [] };
        keys.set(key, entry);
      }
      if ('expected' in row) entry.expected.push(row.expected);
      else entry.observed.push(row.observed);
    }
    for (const [key, { expected, observed }] of keys) this.#compareKey(key, expected, observed);
  }

  #compareKey(key: string, expected: readonly ExpectedRow[], observed: readonly ObservedRow[]): void {
    const rowsOf: ObservedRow[][] = this.hops.map(() => []);
    for (const row of observed) rowsOf[row.hop]!.push(row);
    const groups = new Groups(expected);
    const madeUp: MadeUp[] = [];
    for (const [hop, rule] of this.hops.entries()) {
      const from = rule.after ?? hop - 1;
      this.counts[hop]!.records += rowsOf[hop]!.length;
      for (const { leads } of rowsOf[hop]!) if (leads) this.counts[hop]!.lines += 1;
      if (rule.read === false) {
        for (const group of groups.all) handOn(group, from, hop);
        madeUp[hop] = madeUp[from] ?? new Map();
        continue;
      }
      const strangers = this.#match(hop, rowsOf[hop]!, groups);
      const bounds = groups.all.map((group) => boundsOf(group, rule, from, this.hops[from]));
      const left = this.#fillGaps(hop, strangers, groups, bounds);
      madeUp[hop] = this.#countStrangers(hop, left, madeUp[from]);
      for (const [i, group] of groups.all.entries()) this.#countGroup(hop, key, group, bounds[i]!);
    }
    for (const group of groups.all) {
      if (group.unknown === 0 && group.rows.length === group.acknowledged) continue;
      this.#watcher.onUneven?.(key, group);
    }
  }

  /** Gives each record to the group that it shows; returns those that show none. */
  #match(hop: number, rows: readonly ObservedRow[], groups: Groups): ObservedRow[] {
    for (const group of groups.all) {
      group.rows = [];
      group.shown[hop] = 0;
    }
    const strangers: ObservedRow[] = [];
    for (const row of rows) {
      const group = groups.find(row);
      if (group === undefined) {
        strangers.push(row);
        continue;
      }
      group.shown[hop]! += 1;
      if (group.altered?.has(row.content)) this.#deviant(hop, 'corrupted', row, false);
      else group.rows.push(row);
    }
    return strangers;
  }

  /** A record with unknown content in place of one that is missing is that one, altered. Returns the others. */
  #fillGaps(
    hop: number,
    strangers: readonly ObservedRow[],
    groups: Groups,
    bounds: readonly Bounds[],
  ): ObservedRow[] {
    const left: ObservedRow[] = [];
    let gap = 0;
    for (const row of strangers) {
      while (gap < bounds.length && groups.all[gap]!.shown[hop]! >= bounds[gap]!.most) gap += 1;
      const group = groups.all[gap];
      if (group === undefined) {
        left.push(row);
        continue;
      }
      group.shown[hop]! += 1;
      group.altered ??= new Set();
      group.altered.add(row.content);
      groups.learn(group, row);
      this.#deviant(hop, 'corrupted', row, true);
    }
    return left;
  }

  /** Records of the key that nobody sent, or not under this mark. Returns them by content, for the hop behind. */
  #countStrangers(hop: number, rows: readonly ObservedRow[], before: MadeUp = new Map()): MadeUp {
    const inherited = new Map(before);
    const here: MadeUp = new Map();
    for (const row of rows) {
      here.set(row.content, (here.get(row.content) ?? 0) + 1);
      const left = inherited.get(row.content) ?? 0;
      if (left > 0) inherited.set(row.content, left - 1);
      if (row.marked) this.#deviant(hop, 'spurious', row, left === 0);
      else this.#foreign(this.counts[hop]!, row);
    }
    return here;
  }

  #countGroup(hop: number, key: string, group: Group, { least, most, reach, repeats }: Bounds): void {
    const count = this.counts[hop]!;
    const shown = group.shown[hop]!;
    group.different[hop] = group.nameless ? differentOf(group, shown) : 1;
    const own = Math.min(shown, most);
    count.expected += least;
    count.delivered += Math.min(group.rows.length, least);
    count.indeterminate += Math.max(0, own - least);
    count.repeats += repeats;
    const lost = Math.max(0, Math.min(least, reach ?? least) - shown);
    if (lost > 0) {
      count.lost += lost;
      this.#watcher.onLost?.(hop, key, lost);
      this.#found({ kind: 'lost', hop: this.hops[hop]!.name, key, where: group.where });
    }
    const duplicated = Math.max(0, shown - Math.max(most, reach ?? 0));
    if (duplicated > 0) {
      count.duplicated += duplicated;
      const where = group.rows.slice(0, 4).map((row) => row.where);
      this.#found({ kind: 'duplicated', hop: this.hops[hop]!.name, key, where: where.join(', ') });
    }
    if (group.rows.length > 0) group.where = group.rows[0]!.where;
  }

  #deviant(hop: number, kind: 'corrupted' | 'spurious', row: ObservedRow, own: boolean): void {
    this.#watcher.onDeviant?.({ hop, kind, row, own });
    if (!own) return;
    this.counts[hop]![kind] += 1;
    this.#found({ kind, hop: this.hops[hop]!.name, key: row.key, where: row.where });
  }

  #foreign(count: HopCount, { leads }: ObservedRow): void {
    count.foreign += 1;
    if (leads) count.lines -= 1;
  }

  #found(finding: Finding): void {
    const sort = `${finding.kind} ${finding.hop}`;
    const already = this.#samples.get(sort) ?? 0;
    if (already >= SAMPLES_A_KIND) return;
    this.#samples.set(sort, already + 1);
    this.findings.push(finding);
  }
}

/** How often a hop shows each content that belongs to nothing sent. */
type MadeUp = Map<string, number>;

function emptyCount(hop: string): HopCount {
  return {
    hop,
    expected: 0,
    delivered: 0,
    indeterminate: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    spurious: 0,
    foreign: 0,
    repeats: 0,
    records: 0,
    lines: 0,
  };
}
