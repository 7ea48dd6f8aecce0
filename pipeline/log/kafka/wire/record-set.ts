import type { LogRecord } from '../../port.ts';
import { type AbortedTransaction, AbortFilter } from './abort-filter.ts';
import { type BatchHeader, readBatches } from './record-batch.ts';

/** The committed records of a record set from an offset on, and where reading goes on. */
export function readRecordSet(
  set: Buffer,
  aborted: readonly AbortedTransaction[],
  from: number,
): { records: readonly LogRecord[]; nextOffset: number } {
  const filter = new AbortFilter(aborted);
  const parts: LogRecord[][] = [];
  let nextOffset = from;
  for (const batch of readBatches(set)) {
    if (filter.admits(batch) && batch.lastOffset >= from) parts.push(batch.records(from));
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
  }
  return { records: parts.length === 1 ? parts[0]! : parts.flat(), nextOffset };
}

/** Where a batch begins and ends. */
export type DataBatch = Pick<BatchHeader, 'baseOffset' | 'lastOffset'>;

/** The first batch of a record set with committed records from an offset on; only the heads of batches are read. */
export function findData(
  set: Buffer,
  aborted: readonly AbortedTransaction[],
  from: number,
): { data: DataBatch | undefined; nextOffset: number } {
  const filter = new AbortFilter(aborted);
  let nextOffset = from;
  for (const batch of readBatches(set)) {
    if (filter.admits(batch) && batch.lastOffset >= from) return { data: batch, nextOffset };
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
  }
  return { data: undefined, nextOffset };
}
