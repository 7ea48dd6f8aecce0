import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Buckets, LINES_PER_BUCKET, MOST_BUCKETS } from '../../scenarios/checkers/buckets.ts';
import { Comparison, type HopCount } from '../../scenarios/checkers/compare.ts';
import { decodeRow, encodeRow } from '../../scenarios/checkers/rows.ts';
import { MemoryWatch } from '../../scenarios/runs/memory-watch.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';

export interface ComparisonTask {
  readonly events: number;
  /** In files as large as those of so many events: what is in memory at a time is one of them. */
  readonly as: number;
}

export interface Compared extends Measured {
  readonly peakMemoryBytes: number;
  /** What was found, to be told from what was made wrong. */
  readonly lost: number;
  readonly duplicated: number;
  readonly corrupted: number;
}

/** As many as an event of page views has, and a half of them known to the ledger. */
const FIELDS = 60;
const STATED = 30;
/** At the sink one event in so many is lost, one doubled, one altered. */
export const WRONG_ONE_IN = 10_000;

const HOPS = ['tracking_processed', 'tracking_flattened', 'tracking_persisted', 'ClickHouse'] as const;

/** The comparison of the checker alone: rows as it makes them, in files, of events that nobody sent. */
export function comparisonSubject(folder: string): Subject<ComparisonTask, Compared> {
  return {
    async run({ events, as }) {
      using memory = new MemoryWatch();
      const began = performance.now();
      const scratch = await mkdtemp(join(folder, 'comparison-'));
      const rows = await Buckets.create(join(scratch, 'rows'), linesFor(events, as));
      try {
        for (let i = 0; i < events; i++) {
          const id = idOf(i);
          const add = rows.add(id, expectedRow(id, i));
          if (add) await add;
        }
        for (const hop of HOPS.keys()) {
          for (let i = 0; i < events; i++) {
            const id = idOf(i);
            for (const row of observedRows(id, i, hop)) {
              const add = rows.add(id, row);
              if (add) await add;
            }
          }
        }
        const comparison = new Comparison(
          HOPS.map((name, hop) => ({ name, multiplicity: hop < 2 ? 'each' : 'once' })),
        );
        for await (const lines of rows.drain()) comparison.add(lines.map(decodeRow));
        const sum = (name: 'lost' | 'duplicated' | 'corrupted') =>
          comparison.counts.reduce((total: number, count: HopCount) => total + count[name], 0);
        return {
          count: events,
          seconds: (performance.now() - began) / 1000,
          peakMemoryBytes: memory.peakBytes,
          ...{ lost: sum('lost'), duplicated: sum('duplicated'), corrupted: sum('corrupted') },
        };
      } finally {
        await rows.remove();
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

/** How many rows to announce, so that files come out as large as with more events. */
function linesFor(events: number, as: number): number {
  const rows = HOPS.length + 1;
  const perFile = Math.max(LINES_PER_BUCKET, (as * rows) / MOST_BUCKETS);
  return Math.ceil((events * rows * LINES_PER_BUCKET) / perFile);
}

/** Spread over the files as real ids are, and no two alike. */
function idOf(event: number): string {
  const hex = (Math.imul(event, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${hex}-0000-4000-8000-${event.toString(16).padStart(12, '0')}`;
}

function fieldsOf(event: number, count: number): Uint32Array {
  const fields = new Uint32Array(count);
  // Ascending; every second one is stated.
  const step = FIELDS / count;
  for (let i = 0; i < count; i++) fields[i] = (i * step * 0x04000000 + (event & 0xffff)) >>> 0;
  return fields;
}

function expectedRow(key: string, event: number): string {
  const stated = fieldsOf(event, STATED);
  const group = event.toString(36);
  return encodeRow({ expected: { key, stated, group, answer: 'acknowledged' } });
}

function* observedRows(key: string, event: number, hop: number): Generator<string> {
  const wrong = hop === HOPS.length - 1 ? event % WRONG_ONE_IN : -1;
  if (wrong === 1) return;
  const content = `${event.toString(16).padStart(15, '0')}${wrong === 2 ? 'x' : '0'}`;
  const fields = hop === 0 ? fieldsOf(event, FIELDS) : null;
  const group = hop === 0 ? event.toString(36) : '';
  const where = `${HOPS[hop]} ${event % 4}@${event}`;
  const row = encodeRow({ observed: { hop, key, group, content, fields, where, marked: true } });
  yield row;
  if (wrong === 3) yield row;
}
