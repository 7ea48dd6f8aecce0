import type { FaultyRecord } from './planted-log.ts';

/** Ways to change a record's text so that what is to find it has something to find. */

const EVENT_ID = /\beid\b.{1,20}?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/;

/** The id that the tracker gave to the first event of a line or a record. */
export function eventIdOf({ value }: Pick<FaultyRecord, 'value'>): string | undefined {
  return EVENT_ID.exec(String(value))?.[1];
}

/** Another text in place of the first, wherever it stands. */
export function replaced(
  record: FaultyRecord,
  ...pairs: readonly (readonly [from: string, to: string])[]
): Partial<FaultyRecord> {
  let text = String(record.value);
  for (const [from, to] of pairs) text = text.replaceAll(from, to);
  return { value: Buffer.from(text) };
}

/** The same event under another id, as nobody sent it. */
export function underId(record: FaultyRecord, id: string): Partial<FaultyRecord> {
  return replaced(record, [eventIdOf(record)!, id]);
}
