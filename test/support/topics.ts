import { join } from 'node:path';
import { openEmbeddedLog } from '../../pipeline/log/index.ts';

/** How many records each topic of an event log holds. */
export async function topicCounts(dataDir: string, topics: readonly string[]): Promise<number[]> {
  const log = openEmbeddedLog({ path: join(dataDir, 'events.db') });
  try {
    return await Promise.all(
      topics.map(async (topic) =>
        (await log.ends(topic)).reduce((sum, { start, end }) => sum + end - start, 0),
      ),
    );
  } finally {
    await log.close();
  }
}

/** The values of a topic's records, as JSON. */
export async function topicValues(dataDir: string, topic: string): Promise<Record<string, unknown>[]> {
  const log = openEmbeddedLog({ path: join(dataDir, 'events.db') });
  const values: Record<string, unknown>[] = [];
  try {
    for (const { partition, start, end } of await log.ends(topic)) {
      for await (const { records } of log.read({ topic, partition, offset: start, to: end })) {
        for (const { value } of records) values.push(JSON.parse(String(value)));
      }
    }
  } finally {
    await log.close();
  }
  return values;
}
