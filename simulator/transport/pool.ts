import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { Connection, type Endpoint } from './connection.ts';

/**
 * Servers close what has been idle for long, and a request that crosses that closing has an unknown fate. So the
 * pool is first to close: well under the 5 s that Node's server waits, the shortest in use.
 */
const MAX_IDLE_MS = 2_000;

/** Keep-alive connections to one endpoint. How many there are is bounded by how many requests are under way. */
export class ConnectionPool {
  readonly #endpoint: Endpoint;
  readonly #all = new Set<Connection>();
  /** The one used last is on top: the rest grow old and are closed. */
  readonly #idle: { connection: Connection; since: number }[] = [];

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** A connection for one request. `now`: any steady clock, ms. */
  acquire(now: number): Connection {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.usable && now - idle.since < MAX_IDLE_MS) return idle.connection;
      idle.connection.destroy();
    }
    const connection = new Connection(this.#endpoint, (closed) => this.#all.delete(closed));
    this.#all.add(connection);
    return connection;
  }

  /** Takes a connection back, after its request. */
  release(connection: Connection, now: number): void {
    if (connection.usable) this.#idle.push({ connection, since: now });
  }

  /** Closes what has been idle for too long. */
  sweep(now: number): void {
    const young = this.#idle.findIndex(({ since }) => now - since < MAX_IDLE_MS);
    for (const { connection } of this.#idle.splice(0, young < 0 ? this.#idle.length : young))
      connection.destroy();
  }

  /** Closes everything, giving up on what is under way. */
  destroy(): void {
    for (const connection of this.#all) connection.destroy('stopped');
  }
}

/** @throws ClickproofError TARGET_INVALID what is no http or https URL, or has a path. */
export function endpointOf(target: string): Endpoint {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ClickproofError('TARGET_INVALID', `the target "${target}" is no http:// or https:// URL`, {
      remedy: 'give the collector as --target http://HOST:PORT',
    });
  }
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new ClickproofError('TARGET_INVALID', `the target "${target}" has more than a host and a port`, {
      remedy: `use --target ${url.protocol}//${url.host}: the requests bring their own paths`,
    });
  }
  const secure = url.protocol === 'https:';
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
  };
}
