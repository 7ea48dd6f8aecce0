import { z } from 'zod';
import { duration, size } from '../../contracts/units.ts';
import { sinkSettings } from '../settings.ts';

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
  ...sinkSettings('Elasticsearch'),
});

export type ElasticsearchSinkSettings = z.output<typeof elasticsearchSinkSettings>;
