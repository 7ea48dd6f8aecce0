import type { Verdict } from './result.ts';
import type { FaultResult, SuiteResult } from './suite-result.ts';

/** One kind of fault, over all that ran. */
interface Row {
  readonly fault: string;
  readonly promised: string;
  readonly where: Set<string>;
  times: number;
  events: number;
  readonly verdicts: Record<Verdict, number>;
  readonly seen: Set<string>;
}

/**
 * What was tested, as a table in Markdown: each kind of fault and promise with whom it hit, how often it was seen to happen, with how many
 * events sent, and what came of it. A fault that was not seen to take hold does not count.
 */
export function testedTable(suites: readonly SuiteResult[]): string {
  const rows = new Map<string, Row>();
  for (const { promised, verdict, seen, events, faults } of suites.flatMap(({ scenarios }) => scenarios)) {
    const here = new Set<Row>();
    for (const fault of faults.filter(({ missing }) => missing.length === 0)) {
      const row = rowOf(rows, kindOf(fault), promised);
      row.where.add(fault.cell.where);
      row.times += 1;
      here.add(row);
    }
    for (const row of here) {
      row.events += events;
      row.verdicts[verdict] += 1;
      for (const one of seen) row.seen.add(one);
    }
  }
  const sorted = [...rows.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return [
    '| fault | of | promised | times | events | runs | seen |',
    '|---|---|---|---|---|---|---|',
    ...sorted.map(
      (row) =>
        `| ${row.fault} | ${[...row.where].sort().join(', ')} | ${row.promised} | ${row.times} | ${row.events.toLocaleString('en')} | ${runs(row)} | ${ranges(row.seen)} |`,
    ),
  ].join('\n');
}

/** The fault without whom it hit and at which step. */
function kindOf({ cell: { table, fault } }: FaultResult): string {
  if (table === 'fail points') {
    return fault.startsWith('zombie') ? 'stands still at a step, and goes on' : 'death at a step';
  }
  return fault.includes(': ') ? `network: ${fault.slice(fault.indexOf(': ') + 2)}` : fault;
}

function rowOf(rows: Map<string, Row>, fault: string, promised: string): Row {
  const name = `${fault} ${promised}`;
  const row = rows.get(name) ?? {
    ...{ fault, promised, where: new Set<string>(), times: 0, events: 0 },
    ...{ verdicts: { pass: 0, fail: 0, unknown: 0 }, seen: new Set<string>() },
  };
  rows.set(name, row);
  return row;
}

/** What was seen alike in several runs, once: `3 to 7 requests lost at access log`. */
function ranges(seen: ReadonlySet<string>): string {
  const alike = Map.groupBy(seen, (one) => one.replace(/^\d+(?= )/, '#'));
  return [...alike]
    .map(([what, all]) => {
      if (all.length === 1) return all[0]!;
      const numbers = all.map((one) => Number.parseInt(one, 10));
      return what.replace('#', `${Math.min(...numbers)} to ${Math.max(...numbers)}`);
    })
    .join('; ');
}

const key = ({ fault, promised }: Row) => `${fault} ${promised}`;

function runs({ verdicts }: Row): string {
  return (Object.keys(verdicts) as Verdict[])
    .filter((verdict) => verdicts[verdict] > 0)
    .map((verdict) => `${verdicts[verdict]} ${verdict}`)
    .join(', ');
}
