import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../contracts/access-log.ts';
import { duration, size } from '../contracts/units.ts';
import { DEFAULT_PROFILE_RULES, profileRules } from '../profile/rules.ts';

/** More records a partition and send than this cost some Kafka clients seconds of a blocked event loop. */
export const MAX_RECORDS_PER_SEND = 2_000;

/** What all workers have in common. */
const common = {
  batchRecords: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_RECORDS_PER_SEND)
    .default(500)
    .describe('most records of a batch, and so of a transaction'),
  batchBytes: size.default(4 << 20).describe('most bytes of a batch, except for a single larger record'),
  linger: duration.default(20).describe('how long a batch that is not full waits for more'),
  maxRecordBytes: size
    .default(maxRecordBytes(DEFAULT_SIZE_LIMITS))
    .describe(
      'largest record the output topics take; a larger one goes to the failed topic as head and hash',
    ),
  acceptLoss: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('go on when the log no longer has records that were not processed yet, instead of stopping'),
};

const transactions = {
  transactionBytes: size
    .default(8 << 20)
    .describe('most bytes written in one transaction, except for what a single record becomes'),
};

export const parserWorkerSettings = z.strictObject({ ...common, ...transactions });
export const flattenerSettings = z.strictObject({ ...common, ...transactions });
export const persisterSettings = z.strictObject({
  ...common,
  profileRules: profileRules.default([...DEFAULT_PROFILE_RULES]).describe('what is kept of every visitor'),
  onRulesChanged: z
    .enum(['refuse', 'rebuild'])
    .default('refuse')
    .describe(
      'profiles were folded with other rules: refuse to start, or fold them anew from the start of the log',
    ),
  visitorWindow: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(1_024)
    .describe("how many of a visitor's last events a retry is recognised among"),
  partitionWindow: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(65_536)
    .describe('how many of the last lines of a partition a repeat is recognised among'),
  dedupeHorizon: duration
    .default(30_000)
    .describe('repeats are expected for so long; entries given up sooner are counted, as they leave doubt'),
});

export type WorkerSettings = z.infer<typeof parserWorkerSettings>;
export type PersisterSettings = z.infer<typeof persisterSettings>;
