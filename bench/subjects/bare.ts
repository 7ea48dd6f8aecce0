import { Readable } from 'node:stream';
import { createClient } from '@clickhouse/client';
import { Client } from '@elastic/elasticsearch';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import type { ServerAddresses } from '../servers/addresses.ts';
import { openBenchLog } from '../servers/kafka-log.ts';
import { topicsOf } from '../servers/names.ts';

export interface BareTask {
  readonly what: 'insert' | 'bulk';
  readonly replicate: string;
  /** How many records the topic has that is read. */
  readonly records: number;
}

const ROWS_PER_INSERT = 5_000;

/**
 * What the libraries alone do with the events that the sinks get: insert them as one text column; index them as documents without
 * looking at what became of each.
 */
export function bareSubject(servers: ServerAddresses): Subject<BareTask, Measured> {
  return {
    run(task) {
      switch (task.what) {
        case 'insert':
          return insert(servers, task);
        case 'bulk':
          return bulk(servers, task);
      }
    },
  };
}

async function insert(servers: ServerAddresses, task: BareTask): Promise<Measured> {
  const rows = await persisted(servers, task);
  const client = createClient({ url: servers.clickhouseUrl });
  try {
    const table = `default.bare_${task.replicate}`;
    await client.command({ query: `CREATE TABLE ${table} (event String) ENGINE MergeTree ORDER BY tuple()` });
    const began = performance.now();
    for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
      const some = rows.slice(i, i + ROWS_PER_INSERT);
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} FORMAT JSONAsString`,
        values: Readable.from([Buffer.concat(some)], { objectMode: false }),
      });
      for await (const _ of stream);
    }
    const seconds = (performance.now() - began) / 1000;
    await client.command({ query: `DROP TABLE ${table}` });
    return { count: rows.length, seconds };
  } finally {
    await client.close();
  }
}

async function bulk(servers: ServerAddresses, task: BareTask): Promise<Measured> {
  const documents = (await persisted(servers, task)).map((text) => ({ tracking: JSON.parse(String(text)) }));
  const client = new Client({ node: servers.elasticsearchUrl });
  try {
    // The same template as the sink's own indices.
    const index = `${task.replicate}-bare`;
    await client.indices.create({ index });
    const began = performance.now();
    const { successful, failed } = await client.helpers.bulk({
      datasource: documents,
      flushBytes: 5 << 20,
      concurrency: 2,
      onDocument: () => ({ create: { _index: index } }),
    });
    const seconds = (performance.now() - began) / 1000;
    if (successful !== task.records) throw new Error(`${failed} of ${task.records} documents were refused`);
    await client.indices.delete({ index });
    return { count: successful, seconds };
  } finally {
    await client.close();
  }
}

/** What `tracking_persisted` has, read before the time is taken. */
async function persisted({ brokers }: ServerAddresses, { replicate, records }: BareTask): Promise<Buffer[]> {
  const log = openBenchLog(brokers);
  const topic = topicsOf(replicate).persisted;
  const values: Buffer[] = [];
  try {
    for (const { partition, start } of await log.ends(topic)) {
      for await (const batch of log.read({ topic, partition, offset: start })) {
        for (const { value } of batch.records) if (value) values.push(Buffer.from(value));
      }
    }
  } finally {
    await log.close();
  }
  if (values.length !== records) throw new Error(`${values.length} of ${records} records were read`);
  return values;
}
