import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { profileStoreContract } from '../profile-store.contract.ts';
import type { ProfileStore } from '../store.ts';
import { describeRedis, RedisServer } from './testing/redis-server.ts';

describeRedis('Redis', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.close();
  });

  profileStoreContract('Redis', async () => {
    await redis.flushall();
    const stores: ProfileStore[] = [];
    return {
      async open(topic) {
        const store = await server.store(topic);
        stores.push(store);
        return store;
      },
      async snapshot() {
        const keys = await redis.keysBuffer('*');
        const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
        return async () => {
          await redis.flushall();
          await Promise.all(keys.map((key, i) => redis.restore(key, 0, dumps[i]!)));
        };
      },
      async lose() {
        await redis.flushall();
      },
      async close() {
        for (const store of stores) await store.close();
      },
    };
  });
});
