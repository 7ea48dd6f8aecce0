import { parseJson } from '../../contracts/json.ts';
import type { FlatMessage } from '../../contracts/messages.ts';
import { ATOMIC_COLUMNS } from './atomic-columns.ts';
import { formatInstant } from './instants.ts';

/** Settings under which a row's JSON keeps every value. */
export const EXACT_OUTPUT_SETTINGS = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 0,
  date_time_output_format: 'iso',
} as const;

/**
 * A row of `tracking.events`, as the text of its JSONEachRow line, back into the message it was made of.
 * The inverse of `encodeEvent`.
 */
export function decodeEvent(line: string): FlatMessage {
  const row = parseJson(line) as Record<string, FlatMessage[string] | null>;
  const message: FlatMessage = {};
  for (const [name, kind] of ATOMIC_COLUMNS) {
    const value = row[name];
    if (value === null || value === undefined || value === '') continue;
    message[`event-${name}`] = kind === 'instant' ? formatInstant(Date.parse(value as string)) : value;
  }
  Object.assign(message, row.rest);
  if (row.verbatim !== '') Object.assign(message, parseJson(row.verbatim as string));
  return message;
}
