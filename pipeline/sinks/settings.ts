import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../contracts/access-log.ts';
import { duration, size } from '../contracts/units.ts';

const count = z.coerce.number().int().min(1);

/**
 * What every sink can be told, besides where its server is and how much goes there at a time.
 *
 * @param server what it writes to, for people
 */
export function sinkSettings(server: string) {
  return {
    sinkBatchAge: duration.default(500).describe('how long a batch waits for more before it is sent'),
    sinkReadRecords: count.default(2_000).describe('records read of a partition at a time'),
    sinkReadBytes: size
      .default(4 * 1_048_576)
      .describe('bytes read of a partition at a time, unless one record is larger'),
    sinkMaxRecordBytes: size
      .default(4 * maxRecordBytes(DEFAULT_SIZE_LIMITS))
      .describe('largest record the failed topic takes; a larger one is parked as head and hash'),
    sinkAcceptLoss: z
      .union([z.boolean(), z.stringbool()])
      .default(false)
      .describe('go on when the log no longer has records that were not written yet, instead of stopping'),
    sinkInsertTimeout: duration.default(60_000).describe('a write unanswered for so long is sent again'),
    sinkRetryMin: duration.default(100).describe('first pause before a write is tried again'),
    sinkRetryMax: duration.default(5_000).describe('longest such pause'),
    sinkConnectTimeout: duration.default(60_000).describe(`how long to wait for ${server} at start`),
  };
}

/** How a sink's worker reads. */
export function sinkReading(settings: z.output<z.ZodObject<ReturnType<typeof sinkSettings>>>) {
  return {
    batchRecords: settings.sinkReadRecords,
    batchBytes: settings.sinkReadBytes,
    linger: settings.sinkBatchAge,
    maxRecordBytes: settings.sinkMaxRecordBytes,
    acceptLoss: settings.sinkAcceptLoss,
  };
}
