import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { ClickHouseConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';
import { type DeclaredReader, type DeclaredRecord, shownText } from './reader.ts';
import type { DeclaredClickHouseHop } from './settings.ts';

/** What a query gives: the column `id`, and every other column as the field of its name. */
export class DeclaredClickHouseReader implements DeclaredReader {
  readonly name: string;
  readonly repeats: DeclaredReader['repeats'];
  fields: readonly string[] = [];
  readonly #sql: string;
  readonly #mark: string;
  readonly #client: ClickHouseClient;

  constructor(hop: DeclaredClickHouseHop, connection: ClickHouseConnection, mark: string) {
    this.name = hop.name ?? 'ClickHouse';
    this.repeats = hop.repeats;
    this.#sql = hop.sql.replace(/[\s;]+$/, '');
    this.#mark = mark;
    this.#client = clickhouseClient(connection);
  }

  /** Finds out which columns there are. */
  async begin(): Promise<void> {
    const described = await this.#query(`DESCRIBE TABLE (${this.#sql})`);
    const columns = (await described.json<{ name: string }>()).map(({ name }) => name);
    if (!columns.includes('id')) {
      throw new ClickproofError('HOP_UNREADABLE', `${this.name}: the query gives no column id`, {
        remedy: 'name the column that holds the event id: SELECT event_id AS id, … FROM …',
      });
    }
    this.fields = columns.filter((name) => name !== 'id');
  }

  async *records(): AsyncGenerator<DeclaredRecord> {
    const rows = await this.#query(this.#sql);
    let n = 0;
    try {
      for await (const some of rows.stream()) {
        for (const row of some) {
          const columns = parseJson(row.text) as Record<string, ExactJson>;
          n += 1;
          yield {
            id: shownText(columns.id),
            fields: Object.fromEntries(this.fields.map((name) => [name, shownText(columns[name])])),
            where: `${this.name}, row ${n}`,
          };
        }
      }
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #query(query: string) {
    try {
      return await this.#client.query({
        query,
        query_params: { mark: this.#mark },
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      });
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #unreadable(cause: unknown): ClickproofError {
    const why = (cause as Error).message.slice(0, 500);
    return new ClickproofError('HOP_UNREADABLE', `${this.name} cannot be read: ${why}`, {
      remedy: 'try the query of this hop by hand, as the same user',
      cause,
    });
  }
}
