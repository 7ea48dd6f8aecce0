import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../../contracts/access-log.ts';
import { duration, size } from '../../contracts/units.ts';

/** Settings of the ClickHouse sink. */
export const clickhouseSinkSettings = z.strictObject({
  clickhouseUrl: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8123')
    .describe('where ClickHouse answers HTTP; https:// for TLS'),
  clickhouseDatabase: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('tracking')
    .describe('database of the tables; made when it is missing'),
  clickhouseUser: z.string().min(1).default('default').describe('user name'),
  clickhousePassword: z.string().default('').describe('password'),
  clickhouseCaFile: z
    .string()
    .min(1)
    .optional()
    .describe('certificates (PEM) that ClickHouse is trusted by, besides the usual ones'),
  clickhouseMigrate: z
    .union([z.boolean(), z.stringbool()])
    .default(true)
    .describe('bring an older schema up to date at start; otherwise it is refused'),
  clickhouseCompress: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('compress inserts (gzip); worth it over a network, not on one machine'),
  sinkBatchRows: z.coerce.number().int().min(1).default(5_000).describe('rows an insert holds at most'),
  sinkBatchBytes: size
    .default(16 * 1_048_576)
    .describe('bytes an insert holds at most, unless one row is larger'),
  sinkBatchAge: duration.default(500).describe('how long a batch waits for more rows before it is inserted'),
  sinkReadRecords: z.coerce
    .number()
    .int()
    .min(1)
    .default(2_000)
    .describe('records read of a partition at a time'),
  sinkReadBytes: size
    .default(4 * 1_048_576)
    .describe('bytes read of a partition at a time, unless one record is larger'),
  sinkMaxRecordBytes: size
    .default(4 * maxRecordBytes(DEFAULT_SIZE_LIMITS))
    .describe('largest record the failed topic takes; a larger one is parked as head and hash'),
  sinkAcceptLoss: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('go on when the log no longer has records that were not inserted yet, instead of stopping'),
  sinkInsertTimeout: duration.default(60_000).describe('an insert unanswered for so long is sent again'),
  sinkRetryMin: duration.default(100).describe('first pause before an insert is tried again'),
  sinkRetryMax: duration.default(5_000).describe('longest such pause'),
  sinkConnectTimeout: duration.default(60_000).describe('how long to wait for ClickHouse at start'),
});

export type ClickHouseSinkSettings = z.output<typeof clickhouseSinkSettings>;
