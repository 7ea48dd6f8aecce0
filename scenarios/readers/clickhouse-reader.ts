import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { ClickHouseConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';
import type { SinkReader } from '../checkers/check-events.ts';

/** Columns of `events` that are the table's own: what is left are the event's atomic fields. */
const OWN_COLUMNS = new Set([
  'event_date',
  'visitor',
  'rest',
  'verbatim',
  'log_partition',
  'log_offset',
  'inserted_at',
]);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})Z$/;

/** The events of one run; of all where there is no mark. */
const OF_THE_RUN = "events FINAL WHERE {mark: String} IN (name_tracker, '')";

/** Reads `events` as queries see it (FINAL), back into flattened fields, by code of the checker's own. */
export class ClickHouseReader implements SinkReader {
  readonly name = 'ClickHouse';
  readonly #client: ClickHouseClient;
  readonly #mark: string;

  /** Reads the events of one run only: a database can hold years of others. */
  constructor(connection: ClickHouseConnection, mark: string) {
    this.#client = clickhouseClient(connection);
    this.#mark = mark;
  }

  async *events(): AsyncGenerator<{ flat: FlatMessage; where: string }> {
    try {
      const result = await this.#client.query({
        query: `SELECT * FROM ${OF_THE_RUN}`,
        query_params: { mark: this.#mark },
        format: 'JSONEachRow',
        clickhouse_settings: {
          output_format_json_quote_64bit_integers: 0,
          output_format_json_quote_decimals: 0,
          date_time_output_format: 'iso',
          // Rows are of 12 kB: a block of the default size would be most of a gigabyte.
          max_block_size: '1024',
          max_threads: 1,
        },
      });
      for await (const rows of result.stream()) {
        for (const row of rows) {
          const columns = parseJson(row.text) as Record<string, ExactJson>;
          yield { flat: flatOf(columns), where: `events ${columns.log_partition}@${columns.log_offset}` };
        }
      }
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  /** How many there are. @throws ClickproofError HOP_UNREADABLE */
  async count(): Promise<number> {
    try {
      const found = await this.#client.query({
        query: `SELECT count() AS events FROM ${OF_THE_RUN}`,
        query_params: { mark: this.#mark },
        format: 'JSONEachRow',
      });
      const [row] = await found.json<{ events: string }>();
      return Number(row!.events);
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function unreadable(cause: unknown): ClickproofError {
  return new ClickproofError('HOP_UNREADABLE', `ClickHouse cannot be read: ${(cause as Error).message}`, {
    cause,
  });
}

function flatOf(columns: Record<string, ExactJson>): FlatMessage {
  const flat: FlatMessage = Object.create(null) as FlatMessage;
  for (const [name, value] of Object.entries(columns)) {
    if (OWN_COLUMNS.has(name) || value === null || value === '') continue;
    flat[`event-${name}`] =
      typeof value === 'string' ? value.replace(INSTANT, shorten) : (value as FlatValue);
  }
  Object.assign(flat, columns.rest);
  if (columns.verbatim) Object.assign(flat, parseJson(columns.verbatim as string));
  return flat;
}

/** Whole seconds are written without a fraction. */
function shorten(text: string, fraction: string): string {
  return fraction === '.000' ? text.replace('.000Z', 'Z') : text;
}
