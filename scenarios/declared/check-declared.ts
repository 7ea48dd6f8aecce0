import { join } from 'node:path';
import type { FindingResult, HopResult } from '../../reports/result.ts';
import { readAnswers, readIntents } from '../../simulator/ledger/index.ts';
import { AnswerIndex } from '../checkers/answer-index.ts';
import { Buckets } from '../checkers/buckets.ts';
import { Comparison, type HopCount } from '../checkers/compare.ts';
import { isOwed, joinLedger } from '../checkers/ledger-join.ts';
import type { ObservedRow, Row } from '../checkers/rows.ts';
import { type Altered, alterations } from './alterations.ts';
import type { Line } from './lines.ts';
import { type DeclaredReader, shownText } from './reader.ts';

/** What became of the events at the hops that somebody declared. */
export interface DeclaredCheck {
  readonly hops: readonly HopResult[];
  readonly findings: readonly FindingResult[];
  /** Events that were sent and must be found. */
  readonly acknowledged: number;
  /** Declared fields that no event of the run states: nothing is proven of them. */
  readonly unstated: readonly string[];
}

export interface DeclaredCheckOptions {
  /** Directory of the ledger. */
  readonly ledger: string;
  /** In the order of the data. */
  readonly readers: readonly DeclaredReader[];
  /** For intermediate files; removed afterwards. */
  readonly folder: string;
  readonly onHop?: ((hop: string) => void) | undefined;
}

const MULTIPLICITY = { kept: 'each', removed: 'once', either: 'any' } as const;

/**
 * Compares each declared hop with the ledger: by the event ids that the trackers gave, and by the fields that it shows. What has an id that
 * was not sent is foreign. Events that this project's own parser would refuse, or that have no id, are nobody's debt here.
 *
 * @throws ClickproofError HOP_UNREADABLE, LEDGER_UNREADABLE
 */
export async function checkDeclared(options: DeclaredCheckOptions): Promise<DeclaredCheck> {
  const { readers, folder, onHop } = options;
  const names = new Set(readers.flatMap(({ fields }) => fields));
  const events = await countEvents(options.ledger);
  const rows = await Buckets.create(join(folder, 'declared'), events * (readers.length + 1));
  try {
    const { acknowledged, stated } = await addSent(options.ledger, names, rows);
    for (const [hop, reader] of readers.entries()) {
      onHop?.(reader.name);
      for await (const { id, fields, where } of reader.records()) {
        const key = id?.toLowerCase() ?? where;
        await rows.add(key, JSON.stringify({ key, hop, where, fields } satisfies Line));
      }
    }
    const comparison = new Comparison(
      readers.map(({ name, repeats }) => ({ name, multiplicity: MULTIPLICITY[repeats] })),
    );
    const altered: Altered[] = [];
    const counts = readers.map(() => 0);
    for await (const some of rows.drain()) {
      const lines = some.map((line) => JSON.parse(line) as Line);
      comparison.add(lines.map(rowOf));
      for (const one of alterations(lines, readers)) {
        counts[one.hop]! += 1;
        if (altered.length < MOST_SAMPLES) altered.push(one);
      }
    }
    return {
      hops: comparison.counts.map((count, hop) => hopResult(count, counts[hop]!)),
      findings: [
        ...comparison.findings,
        ...altered.map(({ hop, key, where, fields }) => ({
          ...{ kind: 'corrupted', hop: readers[hop]!.name, key, where },
          fields,
        })),
      ],
      acknowledged,
      unstated: [...names].filter((name) => !stated.has(name)),
    };
  } finally {
    await rows.remove();
  }
}

const MOST_SAMPLES = 20;

async function countEvents(ledger: string): Promise<number> {
  let events = 0;
  for await (const intent of readIntents(ledger)) events += intent.events.length;
  return events;
}

async function addSent(ledger: string, names: ReadonlySet<string>, rows: Buckets) {
  const answers = await AnswerIndex.read(readAnswers(ledger));
  const stated = new Set<string>();
  let acknowledged = 0;
  for await (const sent of joinLedger(readIntents(ledger), answers)) {
    if (!isOwed(sent)) continue;
    const answer = sent.outcome === 'acknowledged' ? 'acknowledged' : 'unknown';
    for (const { id, expect, fields } of sent.intent.events) {
      if (id === null || expect === 'failed') continue;
      const texts: Record<string, string> = {};
      for (const name of names) {
        const text = shownText(fields[flatName(name)]);
        if (text === undefined) continue;
        texts[name] = text;
        stated.add(name);
      }
      if (answer === 'acknowledged') acknowledged += 1;
      const key = id.toLowerCase();
      await rows.add(key, JSON.stringify({ key, answer, fields: texts } satisfies Line));
    }
  }
  return { acknowledged, stated };
}

/** Atomic fields go by their own names; what has a dash is a flattened name already. */
function flatName(name: string): string {
  return name.includes('-') ? name : `event-${name}`;
}

/** As far as the key goes. */
function rowOf(line: Line): Row {
  if ('answer' in line) {
    return { expected: { key: line.key, stated: null, group: '', answer: line.answer } };
  }
  const { key, hop, where } = line;
  const observed: ObservedRow = { key, hop, where, group: '', content: '', fields: null, marked: false };
  return { observed };
}

function hopResult({ lines: _, ...count }: HopCount, altered: number): HopResult {
  return {
    ...count,
    delivered: Math.max(0, count.delivered - altered),
    corrupted: altered,
    misrouted: 0,
    outOfOrder: 0,
    read: true,
    unit: 'events',
  };
}
