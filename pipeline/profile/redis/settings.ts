import { z } from 'zod';
import { duration } from '../../contracts/units.ts';

/** Settings of the profile store in Redis. */
export const redisStoreSettings = z.strictObject({
  redisUrl: z
    .url({ protocol: /^rediss?$/ })
    .default('redis://127.0.0.1:6379')
    .describe('where Redis is: redis://user:password@host:port/database, rediss:// for TLS'),
  redisCluster: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('the URL names one node of a Redis Cluster'),
  redisCaFile: z
    .string()
    .min(1)
    .optional()
    .describe('certificates (PEM) that Redis is trusted by, besides the usual ones'),
  redisTimeout: duration
    .default(5_000)
    .describe('a script unanswered for so long is run again, over a new connection'),
  redisPatience: duration
    .default(15_000)
    .describe('how long one step is tried again before its partition is claimed anew'),
  redisConnectTimeout: duration.default(60_000).describe('how long to wait for Redis at start'),
  redisValueTtl: duration
    .default(0)
    .describe(
      'profiles untouched for so long leave memory; 0: never. Must exceed the longest expiry of the rules plus the retention of the input topic',
    ),
});

export type RedisStoreSettings = z.output<typeof redisStoreSettings>;
