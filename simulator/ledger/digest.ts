import { hash } from 'node:crypto';
import { textOfBytes } from '../oracle/text.ts';

/**
 * Names a request by what the access log keeps of it: the raw query string and the body. The same bytes give the same digest
 * wherever they are seen: intent, log line, raw record, failure. 22 characters, base64url of 128 bits.
 * Text is taken as the shipper leaves it: each invalid UTF-8 byte is U+FFFD.
 */
export function requestDigest(queryString: string, body: string): string {
  return hash('sha256', `${queryString}\0${body}`, 'base64url').slice(0, 22);
}

/** `requestDigest` of bytes as they went over the wire. */
export function requestDigestOfBytes(queryString: Buffer, body: Buffer): string {
  return requestDigest(textOfBytes(queryString), textOfBytes(body));
}
