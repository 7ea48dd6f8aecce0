import { z } from 'zod';
import { duration, size } from '../contracts/units.ts';

/** Settings of the process that owns the embedded ClickHouse engine. */
export const clickhouseServerSettings = z.strictObject({
  path: z.string().min(1).describe('directory of the ClickHouse data; one process may hold it at a time'),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8123)
    .describe('port to listen on; 0 takes a free one'),
  user: z.string().min(1).default('default').describe('user name that is accepted when a password is set'),
  password: z
    .string()
    .default('')
    .describe('password that requests must carry; empty: credentials are not checked'),
  maxBodyBytes: size
    .default(256 * 1_048_576)
    .describe('largest request body after decompression; it is spooled to disk'),
  maxQueryBytes: size
    .default(16 * 1_048_576)
    .describe('longest statement, with its parameters, that is held in memory'),
  maxResultBytes: size
    .default(128 * 1_048_576)
    .describe('largest result of a format that cannot be streamed (JSON, CSVWithNames…)'),
  maxConcurrentQueries: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(3)
    .describe(
      'statements the engine runs at a time; Node has four threads for them unless UV_THREADPOOL_SIZE says more',
    ),
  maxQueuedRequests: z.coerce
    .number()
    .int()
    .min(0)
    .default(64)
    .describe('requests that may wait for their turn'),
  maxThreads: z.coerce.number().int().min(1).default(2).describe('threads the engine uses for one statement'),
  maxMemoryBytes: size
    .default(512 * 1_048_576)
    .describe('memory the engine may allocate; a statement beyond it fails'),
  cacheBytes: size.default(16 * 1_048_576).describe("size of each of the engine's mark and index caches"),
  purgeInterval: duration
    .default(2_000)
    .describe(
      'how often memory that the engine has freed is given back to the system while it works; 0 never',
    ),
  idleTimeout: duration
    .default(300_000)
    .describe('a connection on which nothing moves for so long is closed'),
  stopTimeout: duration.default(10_000).describe('how long running statements may take to end when stopping'),
});

export type ClickHouseServerSettings = z.output<typeof clickhouseServerSettings>;
