import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { ClickHouseConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { EventColumns } from './clickhouse-columns.ts';

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
      const columns = await this.#columns();
      const result = await this.#client.query({
        query: `SELECT ${columns.selected} FROM ${OF_THE_RUN}`,
        query_params: { mark: this.#mark },
        // Without the names, which are as long as the values.
        format: 'JSONCompactEachRow',
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
          const values = parseJson(row.text) as ExactJson[];
          yield { flat: columns.flatOf(values), where: columns.placeOf(values) };
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

  async #columns(): Promise<EventColumns> {
    const nothing = await this.#client.query({ query: 'SELECT * FROM events LIMIT 0', format: 'JSON' });
    const { meta = [] } = await nothing.json();
    return new EventColumns(meta.map(({ name }) => name));
  }
}

function unreadable(cause: unknown): ClickproofError {
  return new ClickproofError('HOP_UNREADABLE', `ClickHouse cannot be read: ${(cause as Error).message}`, {
    cause,
  });
}
