import { ClickproofError } from '../pipeline/contracts/errors.ts';
import type { Answer } from '../simulator/ledger/index.ts';
import type { ResultLine } from './corpus-request.ts';

/** Begins the lines that tell of a request; everything else that k6 says is for people. */
export const RESULT_PREFIX = 'clickproof-result ';

/** k6's error codes of connections that were never made, so that surely nothing was sent: DNS (11xx), dialling, TLS (13xx). */
const isUnconnected = (code: number): boolean =>
  (code >= 1100 && code < 1200) || (code >= 1210 && code < 1220) || (code >= 1300 && code < 1400);

/**
 * Reads what a script said of a request; undefined for any other line.
 *
 * @param count how many requests the corpus has
 * @throws ClickproofError K6_OUTPUT_UNREADABLE a line that begins like a result and is none
 */
export function parseResult(line: string, count: number): ResultLine | undefined {
  if (!line.startsWith(RESULT_PREFIX)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(RESULT_PREFIX.length));
  } catch {
    value = undefined;
  }
  if (isResult(value) && value.at < count) return value;
  throw new ClickproofError(
    'K6_OUTPUT_UNREADABLE',
    `k6 gave a result that cannot be read: ${line.slice(0, 300)}`,
    {
      remedy: 'use the k6 version that the project names (npm run images -- --only k6)',
    },
  );
}

function isResult(value: unknown): value is ResultLine {
  if (typeof value !== 'object' || value === null) return false;
  const { at, began, sent, took, status, code, error, networkUserId } = value as Record<string, unknown>;
  const isCount = (number: unknown) => Number.isSafeInteger(number) && (number as number) >= 0;
  return (
    isCount(at) &&
    isCount(status) &&
    isCount(code) &&
    [began, sent, took].every((number) => Number.isFinite(number) && (number as number) >= 0) &&
    [error, networkUserId].every((text) => text === undefined || typeof text === 'string')
  );
}

/** What the ledger is told of a request that k6 has sent. */
export function answerOf(request: number, result: ResultLine): Answer {
  const { sent, took, status, code, error, networkUserId } = result;
  const times = { request, sent, answered: Math.round((sent + took) * 1000) / 1000 };
  if (status === 0) {
    const outcome = isUnconnected(code) ? ('refused' as const) : ('unknown' as const);
    return { ...times, status: null, outcome, error: error ?? `k6 error ${code}` };
  }
  const outcome = status < 400 ? ('acknowledged' as const) : ('refused' as const);
  return { ...times, status, outcome, ...(networkUserId !== undefined && { networkUserId }) };
}
