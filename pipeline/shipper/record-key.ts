import { decodeUtf8 } from './utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;

/** What stands before the value; a quote that is inside a string always has a backslash before it. */
const FIELD = Buffer.from('"partition_key":"');

/** The collector writes the key as the last field; further from the end than this the line is parsed instead. */
const SEARCH_BYTES = 4096;

/**
 * The record key of an access-log line: its `partition_key`; where it has none, the raw `duid` parameter of its query string,
 * else its `remote_addr`; null where there is nothing (or no JSON object).
 *
 * A line that ends with the key, as the collector's and Nginx's do, is not parsed for it.
 */
export function recordKey(source: Buffer, start: number, end: number): Buffer | null {
  return lastFieldValue(source, start, end) ?? parsedKey(source.subarray(start, end));
}

/** Copies the value out of a line that ends with `"partition_key":"<plain ASCII>"}`. */
function lastFieldValue(source: Buffer, start: number, end: number): Buffer | null {
  const closing = end - 2;
  if (closing < start || source[end - 1] !== CLOSING_BRACE || source[closing] !== QUOTE) return null;
  const first = Math.max(start + FIELD.length, closing - SEARCH_BYTES);
  for (let at = closing; at > first; at--) {
    const byte = source[at - 1]!;
    if (byte === QUOTE) {
      const field = at - FIELD.length;
      const found = closing > at && field > start && matches(source, field) && follows(source, field);
      return found ? Buffer.from(source.subarray(at, closing)) : null;
    }
    if (byte === BACKSLASH || byte < 0x20 || byte >= 0x80) return null;
  }
  return null;
}

function matches(source: Buffer, at: number): boolean {
  return FIELD.compare(source, at, at + FIELD.length) === 0;
}

/** A field follows a comma or the opening brace. */
function follows(source: Buffer, at: number): boolean {
  return source[at - 1] === 0x2c || source[at - 1] === 0x7b;
}

function parsedKey(line: Buffer): Buffer | null {
  let fields: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(decodeUtf8(line));
    if (typeof parsed !== 'object' || parsed === null) return null;
    fields = parsed as Record<string, unknown>;
  } catch {
    return null;
  }
  const text =
    textOf(fields.partition_key) ?? duid(textOf(fields.query_string)) ?? textOf(fields.remote_addr);
  return text === null ? null : Buffer.from(text);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function duid(query: string | null): string | null {
  if (query === null) return null;
  for (const parameter of query.split('&')) {
    if (parameter.startsWith('duid=')) return textOf(parameter.slice(5));
  }
  return null;
}
