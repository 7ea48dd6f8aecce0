import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS } from '../contracts/access-log.ts';
import { duration, size } from '../contracts/units.ts';

const count = z.coerce.number().int().positive();

/** Settings of the shipper. */
export const shipperSettings = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, dot, dash and underscore, at most 100')
    .describe(
      'Names this shipper for ever: its position is kept under it, and of two with one id only the later ships. Give every access log its own.',
    ),
  logFile: z
    .string()
    .min(1)
    .describe('The access log to follow. Rotated files beside it whose names begin alike are shipped too.'),
  from: z.string().min(1).optional().describe('Ship this file from its beginning to its end, then stop.'),
  again: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('With from: ship the file once more, even what has been shipped before.'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('What the host is called in the envelope; the host name unless given.'),
  maxBodyBytes: size
    .default(DEFAULT_SIZE_LIMITS.bodyBytes)
    .describe('The largest request body the collector accepts; decides how long a line may be.'),
  batchLines: count.max(2_000).default(1_000).describe('How many lines one transaction takes at most.'),
  batchBytes: size
    .default(1_048_576)
    .describe('How many bytes of the log one transaction takes at most (one line at least).'),
  linger: duration
    .default(10)
    .describe(
      'How long after a transaction the next one waits to become full. Nothing waits when the log was quiet.',
    ),
  pollInterval: duration
    .default(50)
    .describe('How often a quiet log is looked at, at least; a busy one is looked at as soon as it changes.'),
  scanInterval: duration
    .default(1_000)
    .describe('How often the directory is looked through for files that came or went unnoticed.'),
  closeInactive: duration
    .default(30_000)
    .describe('How long a rotated file must have been quiet before it is closed and its torn end given up.'),
  maxOpenFiles: count.default(32).describe('How many files are kept open at most.'),
  readBytes: size.default(262_144).describe('How many bytes are read at once.'),
});

export type ShipperSettings = z.infer<typeof shipperSettings>;
