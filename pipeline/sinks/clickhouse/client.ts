import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { certificatesOf } from '../../contracts/certificates.ts';
import type { ClickHouseSinkSettings } from './settings.ts';

/** A client of ClickHouse, by URL, that leaves saying what went wrong to its caller. */
export function clickhouseClient(
  settings: Pick<
    ClickHouseSinkSettings,
    | 'clickhouseUrl'
    | 'clickhouseUser'
    | 'clickhousePassword'
    | 'clickhouseCaFile'
    | 'clickhouseCompress'
    | 'sinkInsertTimeout'
  >,
): ClickHouseClient {
  return createClient({
    url: settings.clickhouseUrl,
    username: settings.clickhouseUser,
    password: settings.clickhousePassword,
    ...(settings.clickhouseCaFile && {
      tls: {
        ca_cert: Buffer.from(certificatesOf(settings.clickhouseCaFile, '--clickhouse-ca-file').join('\n')),
      },
    }),
    application: 'clickproof',
    request_timeout: settings.sinkInsertTimeout,
    compression: { request: settings.clickhouseCompress, response: false },
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Settings under which RowBinary rows of `encode.ts` are taken as they are. */
const INSERT_SETTINGS = {
  input_format_binary_read_json_as_string: 1,
  // The JSON type must not take a text for a date, nor a date for a number.
  input_format_try_infer_dates: 0,
  input_format_try_infer_datetimes: 0,
  input_format_json_try_infer_numbers_from_strings: 0,
  // Old events can be replayed by the year.
  max_partitions_per_insert_block: '0',
  // One block, so that an insert is there as a whole or not at all (within a month).
  max_insert_threads: '1',
  input_format_parallel_parsing: 0,
  async_insert: 0,
} as const;

/** Inserts RowBinary rows; resolves when ClickHouse has acknowledged them. */
export async function insertRows(
  client: ClickHouseClient,
  into: { readonly table: string; readonly columns: readonly string[] },
  rows: Buffer,
): Promise<void> {
  const { stream } = await client.exec({
    query: `INSERT INTO ${into.table} (${into.columns.join(', ')}) FORMAT RowBinary`,
    values: Readable.from([rows], { objectMode: false }),
    clickhouse_settings: INSERT_SETTINGS,
  });
  for await (const _ of stream);
}

/**
 * Codes with which ClickHouse says that it cannot take these data, whoever sends them and when: they do not parse, do not
 * convert, or break a limit. Everything else (no connection, no memory, no table, no password) may be mended.
 */
const DATA_REFUSED = new Set(
  [
    6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 307, 321, 349, 407, 441, 469, 676,
    1001,
  ].map(String),
);

/** True when the rows themselves are why an insert failed. */
export function isDataRefused(error: unknown): boolean {
  return error instanceof ClickHouseError && DATA_REFUSED.has(error.code);
}
