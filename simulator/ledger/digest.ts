import { createHash } from 'node:crypto';

/**
 * Names a request by what the access log keeps of it: the raw query string and the body. The same bytes give the same digest
 * wherever they are seen: intent, log line, raw record, failure. 22 characters, base64url of 128 bits.
 * Text is taken as the shipper leaves it: each invalid UTF-8 byte is U+FFFD.
 */
export function requestDigest(queryString: string, body: string): string {
  return createHash('sha256').update(queryString).update('\0').update(body).digest('base64url').slice(0, 22);
}
