/** A parameter as it was received: null where it has no `=`. */
export type ReceivedParameter = readonly [name: string, value: string | null];

const MALFORMED_ESCAPE = /%(?![0-9a-fA-F]{2})/;
const SEPARATOR = /[&;]/;

/**
 * The parameters of a query string, decoded once, in order. `&` and `;` separate them. Null where the string as a whole is
 * refused: an escape without two hexadecimal digits.
 */
export function parseQuery(query: string): ReceivedParameter[] | null {
  const parameters: ReceivedParameter[] = [];
  for (const part of query.split(query.includes(';') ? SEPARATOR : '&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? null : decode(part.slice(equals + 1));
    if (name === null || (equals >= 0 && value === null)) return null;
    parameters.push([name, value]);
  }
  return parameters;
}

/** Undoes percent encoding, `+` for a space; bytes that are no UTF-8 become U+FFFD. Null for a malformed escape. */
export function decode(text: string): string | null {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return MALFORMED_ESCAPE.test(spaced) ? null : decodeBytes(spaced);
  }
}

function decodeBytes(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  let end = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x25) {
      bytes[end++] = Number.parseInt(bytes.toString('latin1', i + 1, i + 3), 16);
      i += 2;
    } else bytes[end++] = bytes[i]!;
  }
  return bytes.toString('utf8', 0, end);
}
