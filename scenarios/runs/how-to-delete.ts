import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { ClickHouseConnection } from '../../containers/connections.ts';
import type { ExternalServices } from '../../containers/external/services.ts';
import type { Stack } from '../../containers/stack.ts';
import { murmur2Partition } from '../../pipeline/contracts/partitioning.ts';
import { readIntents } from '../../simulator/ledger/index.ts';

/** Which visitors have been seen is remembered up to here; of more, some keys are written twice, which does no harm. */
const MOST_REMEMBERED = 200_000;

interface Options {
  readonly stack: Pick<Stack, 'topics' | 'profiles' | 'clickhouse' | 'elasticsearch' | 'eventLog' | 'ends'>;
  readonly mark: string;
  /** Where the ledger is, and what is written goes. */
  readonly folder: string;
}

interface SuiteOptions {
  /** Somebody's own, as far as they were named. */
  readonly services: Pick<ExternalServices, 'kafka' | 'redis' | 'clickhouse' | 'elasticsearch'>;
  /** What marks, topics and groups of the suite's run begin with. */
  readonly prefix: string;
}

/** The same of all runs of a suite, whose topics and groups are its own. */
export async function howToDeleteSuite({ services, prefix }: SuiteOptions): Promise<string[]> {
  const { kafka, redis, clickhouse, elasticsearch } = services;
  const lines: string[] = [];
  if (clickhouse) {
    const statement = (table: string, column: string) =>
      `ClickHouse     ALTER TABLE ${clickhouse.database}.${table} DELETE WHERE startsWith(${column}, '${prefix}')`;
    for (const column of ['name_tracker', 'source_topic']) {
      const tables = await tablesWith(clickhouse, column);
      lines.push(...tables.map((table) => statement(table, column)));
    }
  }
  if (elasticsearch) {
    const query = JSON.stringify({ query: { prefix: { 'tracking.event-name_tracker': prefix } } });
    lines.push(`Elasticsearch  POST /${elasticsearch.alias}/_delete_by_query ${query}`);
  }
  if (redis) {
    // Keys of different slots of a cluster cannot be given to one command.
    const unlink = `redis-cli -u <your Redis>${redis.cluster ? ' -c' : ''} UNLINK`;
    const each = redis.cluster ? 'xargs -0 -r -n 1' : 'xargs -0 -r';
    lines.push(
      `Redis          redis-cli -u <your Redis> --scan --pattern '{cp:${prefix}*' | tr '\\n' '\\0' | ${each} ${unlink}`,
    );
  }
  if (kafka) {
    lines.push(
      `Kafka          kafka-topics.sh --bootstrap-server ${kafka.brokers.join(',')} --delete --topic '${prefix}.*'`,
      'Kafka          its groups have no members any more, and go by themselves when their offsets are given up',
    );
  }
  return lines;
}

/** Says how the events of a run are taken out of services that stay, one sentence or statement a line. */
export async function howToDelete({ stack, mark, folder }: Options): Promise<string[]> {
  const { clickhouse, elasticsearch, profiles, eventLog } = stack;
  const lines: string[] = [];
  if (clickhouse) {
    for (const table of await tablesWith(clickhouse, 'name_tracker')) {
      lines.push(
        `ClickHouse     ALTER TABLE ${clickhouse.database}.${table} DELETE WHERE name_tracker = '${mark}'`,
      );
    }
  }
  if (elasticsearch) {
    const query = JSON.stringify({ query: { term: { 'tracking.event-name_tracker': mark } } });
    lines.push(`Elasticsearch  POST /${elasticsearch.alias}/_delete_by_query ${query}`);
  }
  if (profiles?.kind === 'redis') {
    const file = join(folder, 'delete-profiles.txt');
    await writeProfileKeys(file, { stack, folder });
    lines.push(`Redis          redis-cli -u <your Redis> < ${file}`);
  }
  if (eventLog.kind === 'kafka')
    lines.push('Kafka          nothing: records leave by the retention of the topics');
  return lines;
}

async function tablesWith(connection: ClickHouseConnection, column: string): Promise<string[]> {
  const client = clickhouseClient(connection);
  try {
    const found = await client.query({
      query:
        "SELECT table FROM system.columns JOIN system.tables AS t ON t.database = database AND t.name = table WHERE database = {database: String} AND name = {column: String} AND t.engine LIKE '%MergeTree' ORDER BY table",
      query_params: { database: connection.database, column },
      format: 'JSONEachRow',
    });
    return (await found.json<{ table: string }>()).map(({ table }) => table);
  } finally {
    await client.close();
  }
}

async function writeProfileKeys(file: string, { stack, folder }: Omit<Options, 'mark'>): Promise<void> {
  const topic = stack.topics.flattened;
  const partitions = (await stack.ends(topic)).length;
  await pipeline(Readable.from(commands(join(folder, 'ledger'), topic, partitions)), createWriteStream(file));
}

async function* commands(ledger: string, topic: string, partitions: number): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { events } of readIntents(ledger)) {
    for (const { visitor } of events) {
      if (visitor === null || seen.has(visitor)) continue;
      if (seen.size < MOST_REMEMBERED) seen.add(visitor);
      const partition = murmur2Partition(Buffer.from(visitor), partitions);
      yield `UNLINK ${JSON.stringify(`{cp:${topic}:${partition}}:v:${visitor}`)}\n`;
    }
  }
}
