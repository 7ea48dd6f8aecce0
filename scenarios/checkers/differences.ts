import type { FlatMessage } from '../../pipeline/contracts/messages.ts';

/** A field that is not as it was, with both values; null where there is none. */
export interface Difference {
  readonly name: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

const MOST_FIELDS = 8;
const MOST_CHARACTERS = 500;

/**
 * Names the fields in which two readings of an event differ, the first eight of them.
 *
 * @param partly the left side states only some fields, so what it does not state is no difference
 * @param counts which fields to look at
 */
export function differences(
  left: FlatMessage,
  right: FlatMessage,
  { partly = false, counts = () => true }: { partly?: boolean; counts?: (name: string) => boolean } = {},
): Difference[] {
  const names = new Set([...Object.keys(left), ...(partly ? [] : Object.keys(right))]);
  const list: Difference[] = [];
  for (const name of names) {
    if (!counts(name) || same(left[name], right[name])) continue;
    list.push({ name, expected: shown(left[name]), seen: shown(right[name]) });
    if (list.length === MOST_FIELDS) break;
  }
  return list;
}

function same(a: unknown, b: unknown): boolean {
  return (
    a === b ||
    (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => one === b[i]))
  );
}

/** As a report can hold it: no bigint, nothing endless. */
function shown(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === 'string' && value.length > MOST_CHARACTERS
    ? `${value.slice(0, MOST_CHARACTERS)}…`
    : value;
}
