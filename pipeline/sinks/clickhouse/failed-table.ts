import { hash } from 'node:crypto';
import type { Diagnostics } from '../../contracts/running.ts';
import type { SourceRecord } from '../../stages/stage-function.ts';
import type { RowBinaryWriter } from './row-binary.ts';
import type { SinkTable } from './sink-handler.ts';

/** Columns of `failed` in the order in which they are written. */
export const FAILED_COLUMNS: readonly string[] = [
  'failed_at',
  'id',
  'type',
  'stage',
  'errors',
  'source_topic',
  'source_partition',
  'source_offset',
  'record',
  'log_partition',
  'log_offset',
];

const FIRST = Date.UTC(1900, 0, 1);
const LAST = Date.UTC(2299, 11, 31);

/** Records of `tracking_failed` as rows of `failed`: whatever they hold, the record itself is kept byte for byte. */
export class FailedTable implements SinkTable {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  encode(writer: RowBinaryWriter, record: SourceRecord): void {
    const value = record.value ?? Buffer.alloc(0);
    const { failure, source } = described(value);
    writer.int64(Math.min(Math.max(Math.trunc(record.timestamp), FIRST), LAST));
    writer.raw(hash('sha256', value, 'buffer').subarray(0, 16));
    writer.text(text(failure.type) || 'unreadable');
    writer.text(text(failure.stage));
    writer.text(failure.errors === undefined ? '' : JSON.stringify(failure.errors));
    writer.text(text(source.topic) || record.topic);
    writer.uint32(whole(source.partition, 2 ** 32 - 1) ?? record.partition);
    writer.int64(whole(source.offset, Number.MAX_SAFE_INTEGER) ?? record.offset);
    writer.bytes(value);
    writer.uint32(record.partition);
    writer.int64(record.offset);
  }

  /** Nothing: what is refused here stands in the failed topic, where it would only be parked again. */
  park(record: SourceRecord, error: Error) {
    const { topic, partition, offset } = record;
    this.#diagnostics.error('a failure cannot be shown in ClickHouse; it remains in its topic', {
      topic,
      partition,
      offset,
      error: error.message,
    });
    return undefined;
  }
}

type Properties = Readonly<Record<string, unknown>>;

function described(value: Buffer): { failure: Properties; source: Properties } {
  let message: unknown;
  try {
    message = JSON.parse(value.toString());
  } catch {
    message = undefined;
  }
  const { failure, source } = properties(message);
  return { failure: properties(failure), source: properties(source) };
}

function properties(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? (value as Properties) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function whole(value: unknown, most: number): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
    ? (value as number)
    : undefined;
}
