import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../../contracts/access-log.ts';
import { duration, size } from '../../contracts/units.ts';

/** Settings of the Elasticsearch sink. */
export const elasticsearchSinkSettings = z.strictObject({
  elasticsearchUrl: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:9200')
    .describe('where Elasticsearch answers HTTP; https:// for TLS'),
  elasticsearchUser: z.string().default('').describe('user name; empty: none is needed'),
  elasticsearchPassword: z.string().default('').describe('password'),
  elasticsearchApiKey: z
    .string()
    .default('')
    .describe('API key, encoded as Elasticsearch gives it; instead of user name and password'),
  elasticsearchCaFile: z
    .string()
    .min(1)
    .optional()
    .describe('certificates (PEM) that Elasticsearch is trusted by, besides the usual ones'),
  elasticsearchIndex: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,199}$/)
    .default('tracking_persisted')
    .describe('alias to read by; the indices are named after it, with the month behind'),
  elasticsearchFields: z.coerce
    .number()
    .int()
    .min(300)
    .default(2_000)
    .describe('most fields of an index; values under further names are stored, but cannot be searched'),
  elasticsearchCompress: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('compress requests (gzip); worth it over a network, not on one machine'),
  elasticsearchBlocked: duration
    .default(60_000)
    .describe(
      'how long events wait for an index that is closed or blocked for writing before they are parked in the failed topic',
    ),
  sinkBulkBytes: size
    .default(5 * 1_048_576)
    .describe('bytes a bulk request holds at most, unless one document is larger'),
  sinkBulks: z.coerce.number().int().min(1).max(64).default(2).describe('bulk requests under way at a time'),
  sinkBatchAge: duration.default(500).describe('how long a batch waits for more records before it is sent'),
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
    .describe('go on when the log no longer has records that were not indexed yet, instead of stopping'),
  sinkInsertTimeout: duration.default(60_000).describe('a request unanswered for so long is sent again'),
  sinkRetryMin: duration.default(100).describe('first pause before something is tried again'),
  sinkRetryMax: duration.default(5_000).describe('longest such pause'),
  sinkConnectTimeout: duration.default(60_000).describe('how long to wait for Elasticsearch at start'),
});

export type ElasticsearchSinkSettings = z.output<typeof elasticsearchSinkSettings>;
