const DAY = 86_400_000;
/** What DateTime64 and Date32 hold: 1900-01-01 to 2299-12-31. */
const FIRST = Date.UTC(1900, 0, 1);
const END = Date.UTC(2300, 0, 1);

/**
 * Milliseconds since the epoch of a canonical timestamp (`2023-11-14T22:13:21Z`, `2023-11-14T22:13:20.500Z`).
 * Undefined when ClickHouse could not hold it, or when writing it again would give another text.
 */
export function instantOf(text: string): number | undefined {
  if (text.length !== 20 && text.length !== 24) return undefined;
  const ms = Date.parse(text);
  if (!(ms >= FIRST && ms < END)) return undefined;
  return formatInstant(ms) === text ? ms : undefined;
}

/** The canonical text of an instant: no fraction when it is zero. */
export function formatInstant(ms: number): string {
  const iso = new Date(ms).toISOString();
  return iso.endsWith('.000Z') ? `${iso.slice(0, 19)}Z` : iso;
}

/** Days since the epoch, as Date32 counts them. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY);
}
