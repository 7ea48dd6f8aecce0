import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/** A ledger that cannot be written ends the run: an intent that is not recorded must not be sent. */
export function writeFailed(path: string, cause: unknown): ClickproofError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const full =
    cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  return new ClickproofError('LEDGER_WRITE_FAILED', `the ledger ${path} cannot be written: ${reason}`, {
    remedy: full
      ? 'make room on the disk, or choose another directory with --out; a run takes about 3 kB a request'
      : 'choose a directory that can be written with --out',
    cause,
  });
}

/** A ledger that cannot be read: missing, or not a ledger. */
export function unreadable(path: string, reason: string, cause?: unknown): ClickproofError {
  return new ClickproofError('LEDGER_UNREADABLE', `the ledger ${path} cannot be read: ${reason}`, {
    remedy: 'name the directory of a run, which holds run.json, intents.ndjson and answers.ndjson',
    cause,
  });
}
