import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Header } from '../plan/request.ts';

/** A recorded HTTP request, ready to be sent again. */
export interface RecordedRequest {
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly method: string;
  /** Path and query, each character one byte (latin1). */
  readonly target: string;
  /** Without those that depend on the connection: whoever sends the request makes these himself. */
  readonly headers: readonly Header[];
  readonly body: string | null;
  /** When the tracker sent it (`stm` of the query or the body): Unix time, ms; null where it says nothing. */
  readonly sentAt: number | null;
}

/** Longest line that is read: the largest body a collector may be set to accept, escaped. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TARGET = /^\/[\x21-\xff]*$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const OF_THE_CONNECTION = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'expect',
  'upgrade',
]);

const headerValue = z
  .string()
  .regex(HEADER_VALUE, 'a header value without line breaks, each character one byte');

const recordedLine = z.object({
  method: z.string().regex(TOKEN, 'an HTTP method, such as GET'),
  /** A path with its query, or an absolute URL, of which only these are used. */
  url: z.string().transform((url, context) => {
    const target = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
    const path = target.startsWith('/') ? target : `/${target}`;
    if ((target === url && !url.startsWith('/')) || !TARGET.test(path)) {
      context.addIssue({
        code: 'custom',
        message: 'a path that begins with /, or an http URL, without spaces',
      });
      return z.NEVER;
    }
    return path;
  }),
  headers: z
    .record(z.string().regex(TOKEN, 'a header name'), z.union([headerValue, z.array(headerValue)]))
    .default({}),
  body: z.string().nullish(),
});

/**
 * Reads recorded requests: one JSON object a line, `{method, url, headers, body}`, in constant memory. Empty lines are passed over.
 *
 * @throws ClickproofError RECORDING_UNREADABLE (no such file, may not be read), RECORDING_INVALID (says which line, and why)
 */
export async function* readRecordedRequests(path: string): AsyncGenerator<RecordedRequest> {
  let line = 0;
  for await (const text of linesOf(path)) {
    line += 1;
    if (text.trim() !== '') yield parseRecordedRequest(text, line, path);
  }
}

/** @throws ClickproofError RECORDING_INVALID */
export function parseRecordedRequest(text: string, line: number, path = 'the recording'): RecordedRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, line, `it is no JSON (${(cause as Error).message})`, cause);
  }
  const parsed = recordedLine.safeParse(json);
  if (!parsed.success) {
    const { path: where, message } = parsed.error.issues[0]!;
    throw invalid(path, line, `${where.length > 0 ? `${where.join('.')}: ` : ''}${message}`);
  }
  const { method, url, headers, body } = parsed.data;
  return {
    line,
    method,
    target: url,
    headers: listHeaders(headers),
    body: body === undefined || body === '' ? null : body,
    sentAt: sentAt(url, body ?? null),
  };
}

function listHeaders(headers: Record<string, string | string[]>): Header[] {
  return Object.entries(headers)
    .filter(([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()))
    .flatMap(([name, value]) => [value].flat().map((one): Header => [name, one]));
}

function sentAt(target: string, body: string | null): number | null {
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
  return timestamp(new URLSearchParams(query).get('stm')) ?? timestamp(stmOfBody(body));
}

/** A payload's events were sent together, so the first that says when speaks for all. */
function stmOfBody(body: string | null): unknown {
  if (body === null || !body.includes('"stm"')) return null;
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    if (!Array.isArray(data)) return null;
    return data.find((event) => event?.stm !== undefined)?.stm;
  } catch {
    return null;
  }
}

function timestamp(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop()!;
      number += lines.length;
      if (rest.length > MAX_LINE_CHARACTERS) throw invalid(path, number + 1, 'it is too long');
      yield* lines;
    }
  } catch (cause) {
    if (cause instanceof ClickproofError) throw cause;
    throw new ClickproofError('RECORDING_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, {
      remedy: 'give a file of recorded requests, one JSON object a line: {"method","url","headers","body"}',
      cause,
    });
  }
  if (rest !== '') yield rest;
}

function invalid(path: string, line: number, why: string, cause?: unknown): ClickproofError {
  return new ClickproofError('RECORDING_INVALID', `${path}, line ${line}: ${why}`, {
    remedy: 'each line is one request: {"method":"GET","url":"/i?e=pv…","headers":{…},"body":""}',
    cause,
  });
}
