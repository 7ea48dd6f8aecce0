export { requestDigest, requestDigestOfBytes } from './digest.ts';
export { LedgerLines } from './lines.ts';
export { IntentReader, readAnswers, readIntents, readRun } from './reader.ts';
export type * from './records.ts';
export { LedgerWriter, openLedger } from './writer.ts';
