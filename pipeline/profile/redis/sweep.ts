import { Cluster } from 'ioredis';
import type { RedisClient, RedisConnection } from './connection.ts';
import type { PartitionKeys } from './keys.ts';
import { SWEEP } from './scripts.ts';

const KEYS_A_STEP = 1_000;

/** Deletes a partition's values of other generations than the present one, a few at a time. */
export async function sweep(connection: RedisConnection, keys: PartitionKeys): Promise<void> {
  const { client } = connection;
  for (const node of client instanceof Cluster ? client.nodes('master') : [client]) {
    let cursor = '0';
    do {
      const [next, found] = await scan(connection, node, cursor, keys.visitors);
      if (found.length > 0) await connection.run(() => SWEEP.run(client, [keys.mark, ...found]));
      cursor = next.toString();
    } while (cursor !== '0');
  }
}

function scan(connection: RedisConnection, node: RedisClient, cursor: string, pattern: string) {
  return connection.run<[cursor: Buffer, keys: Buffer[]]>(() =>
    node.scanBuffer(cursor, 'MATCH', pattern, 'COUNT', KEYS_A_STEP),
  );
}
