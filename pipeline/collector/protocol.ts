import type { IncomingMessage } from 'node:http';

type Head = Pick<IncomingMessage, 'httpVersionMajor' | 'httpVersionMinor' | 'headers' | 'method'>;

/** What Nginx refuses of a request's version, though Node's parser takes it: the status, or 0. */
export function versionRefusal({ httpVersionMajor: major }: Head): number {
  if (major === 1) return 0;
  return major > 1 ? 505 : 400;
}

/** What Nginx refuses of a request's method and transfer coding, though Node's parser takes it: the status, or 0. */
export function protocolRefusal({ httpVersionMinor: minor, headers, method }: Head): number {
  const coding = headers['transfer-encoding'];
  // Chunks in HTTP/1.0 are a way to smuggle requests past proxies that do not know them.
  if (coding !== undefined && minor === 0) return 400;
  // A body in another coding would be logged as it came, which nobody behind the log can know.
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 501;
  return method === 'TRACE' ? 405 : 0;
}

/** Whether the client may send another request over the connection. */
export function keepsConnection({ httpVersionMinor: minor, headers: { connection = '' } }: Head): boolean {
  return minor === 0 ? /\bkeep-alive\b/i.test(connection) : !/\bclose\b/i.test(connection);
}
