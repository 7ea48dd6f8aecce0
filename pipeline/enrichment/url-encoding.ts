import { decodePercent } from './query-string.ts';

/**
 * Makes a URI of a text that is none: takes it apart at the usual delimiters, decodes what is validly encoded in
 * each part and encodes everything but unreserved ASCII, `+` and the delimiters themselves.
 */
export function encodeLeniently(text: string): string {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  // A scheme counts only with an authority behind it: ` http:` and `a:b` are paths.
  if (!match || (match[1] !== undefined && match[2] === undefined)) return encodePath(text);
  const [, scheme, authority = '', path, query, fragment] = match;
  return [
    scheme === undefined ? '' : `${scheme}:`,
    authority,
    encodePath(path!),
    query === undefined ? '' : `?${encodeQuery(query)}`,
    fragment === undefined ? '' : `#${encodePart(fragment)}`,
  ].join('');
}

function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/');
}

function encodeQuery(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return encodePart(parameter);
      return `${encodePart(parameter.slice(0, equals))}=${encodePart(parameter.slice(equals + 1))}`;
    })
    .join('&');
}

function encodePart(text: string): string {
  const decoded = decodePercent(text, { lenient: true })!.toWellFormed();
  return decoded.replace(/[^A-Za-z0-9\-._~+]/gu, (character) =>
    encodeURIComponent(character).replace(
      /[!'()*]/,
      (left) => `%${left.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  );
}
