import { isUtf8 } from 'node:buffer';
import type { Header, PlannedRequest } from '../plan/request.ts';
import type { TrafficKind } from './records.ts';

/**
 * A line of `intents.ndjson`: the request itself, not what is expected of it. The oracle is a pure function of the
 * request, so the reader computes the expectation again; the file is a quarter as large, and the sender need not work it out.
 */
export interface StoredIntent {
  readonly request: number;
  readonly kind: TrafficKind;
  readonly due: number;
  readonly browser?: string;
  readonly method: string;
  readonly target: string;
  /** Number of the `StoredHeaders` line before. */
  readonly h: number;
  readonly body?: string;
  /** A body that is no text, base64. */
  readonly body64?: string;
  readonly repeats?: number;
}

/** A list of headers, written before the first request that has it. */
export interface StoredHeaders {
  readonly h: number;
  readonly headers: readonly Header[];
}

/**
 * So many lists of headers are known at a time, to the writer as to the reader; then both forget all and go on counting.
 */
export const KNOWN_HEADERS = 4_096;

/** What is written down of a planned request. `due` is when it is due by the run's clock. */
export function storedIntent(plan: PlannedRequest, due: number, h: number): StoredIntent {
  const { request, kind, browser, method, target, body, repeats } = plan;
  return {
    request,
    kind,
    due: Math.round(due * 1000) / 1000,
    ...(browser !== null && { browser }),
    method,
    target,
    h,
    ...storedBody(body),
    ...(repeats !== undefined && { repeats }),
  };
}

function storedBody(body: string | Buffer | null): { body?: string; body64?: string } {
  if (body === null) return {};
  if (typeof body === 'string') return { body: body.toWellFormed() };
  return isUtf8(body) ? { body: body.toString('utf8') } : { body64: body.toString('base64') };
}

/** The body as it was sent, byte for byte. */
export function bodyOf(stored: StoredIntent): string | Buffer | null {
  if (stored.body64 !== undefined) return Buffer.from(stored.body64, 'base64');
  return stored.body ?? null;
}
