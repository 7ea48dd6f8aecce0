const DAY = 86_400_000;

/**
 * Milliseconds since the epoch of a canonical timestamp (`2023-11-14T22:13:21Z`, `2023-11-14T22:13:20.500Z`).
 * Undefined when ClickHouse could not hold it (1900 to 2299), or when writing it again would give another text.
 */
export function instantOf(text: string): number | undefined {
  const fraction = text.length === 24;
  if (!fraction && text.length !== 20) return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined;
  if (text[text.length - 1] !== 'Z' || (fraction && text[19] !== '.')) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const ms = fraction ? digits(text, 20, 23) : 0;
  // Comparisons with NaN are false: what is no digit ends here, too.
  if (!(year >= 1900 && year <= 2299 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && (fraction ? ms > 0 : ms === 0))) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
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
