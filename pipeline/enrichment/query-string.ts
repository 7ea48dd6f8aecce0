/** One parameter as it stands in a query string, decoded; null where it has no `=`. */
export type QueryPair = readonly [name: string, value: string | null];

/**
 * The parameters of a query string in order, decoded as a form: `+` is a space, `&` and `;` separate.
 * Null where a percent sign does not begin an escape, as in `page=100%`: such a query string is refused whole.
 */
export function parseQueryString(text: string): QueryPair[] | null {
  const pairs: QueryPair[] = [];
  const separator = text.includes(';') ? /[&;]/ : '&';
  for (const part of text.split(separator)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeForm(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? null : decodeForm(part.slice(equals + 1));
    if (name === null || (equals >= 0 && value === null)) return null;
    pairs.push([name, value]);
  }
  return pairs;
}

/** The first parameter of that name with a value, decoded; undefined where there is none. */
export function firstValue(pairs: readonly QueryPair[], name: string): string | undefined {
  return pairs.find((pair) => pair[0] === name && pair[1] !== null)?.[1] ?? undefined;
}

function decodeForm(text: string): string | null {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/**
 * Decodes percent escapes as UTF-8, invalid bytes as U+FFFD. A percent sign that begins no escape makes the whole null, or with
 * `lenient` stays as it is.
 */
export function decodePercent(text: string, { lenient = false } = {}): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeBytes(text, lenient);
  }
}

/** The slow way, for what `decodeURIComponent` refuses: invalid UTF-8, incomplete escapes. */
function decodeBytes(text: string, lenient: boolean): string | null {
  const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g;
  if (!lenient && text.replace(ESCAPES, '').includes('%')) return null;
  return text.replace(ESCAPES, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}
