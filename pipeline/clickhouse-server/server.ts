import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClickproofError, hasCode } from '../contracts/errors.ts';
import type { Diagnostics, Running } from '../contracts/running.ts';
import { admit } from './admission.ts';
import { Engine } from './engine.ts';
import { discard, execute, plan } from './execute.ts';
import { RequestRefused } from './failures.ts';
import { Limiter } from './limiter.ts';
import { readQueryRequest } from './request.ts';
import { answer, fail } from './respond.ts';
import type { ClickHouseServerSettings } from './settings.ts';

/** Says what this is to whoever asks: the engine is ClickHouse's own, the server around it is not. */
const SERVER_NAME = 'clickproof (chdb)';

/** A running server and where it listens. */
export interface ClickHouseServer extends Running {
  /** `http://127.0.0.1:8123` */
  readonly url: string;
  /** Version of the engine. */
  readonly version: string;
}

/**
 * Serves ClickHouse's HTTP protocol over the embedded engine. One process may do so for one data directory; it
 * becomes the engine's owner and cannot open another.
 *
 * @throws ClickproofError PORT_IN_USE, ADDRESS_UNUSABLE and what {@link Engine.open} throws.
 */
export async function startClickHouseServer(
  settings: ClickHouseServerSettings,
  { diagnostics }: { diagnostics: Diagnostics },
): Promise<ClickHouseServer> {
  // First the port, then the data: a second start on the same port must not touch the data of the first.
  const server = createServer({ maxHeaderSize: 128 * 1024, requestTimeout: 0 });
  await listen(server, settings);
  let engine: Engine;
  try {
    engine = Engine.open(settings);
  } catch (error) {
    server.close();
    throw error;
  }
  const limiter = new Limiter(settings.maxConcurrentQueries, settings.maxQueuedRequests);
  const running = new Set<Promise<void>>();
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;

  server.timeout = settings.idleTimeout;
  server.keepAliveTimeout = settings.idleTimeout;
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  server.on('request', (message, response) => {
    const handled = handle(message, response).catch((error) => {
      diagnostics.error('a request could not be answered', { error: String(error) });
      response.destroy();
    });
    running.add(handled);
    void handled.finally(() => running.delete(handled));
  });

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    response.setHeader('Server', SERVER_NAME);
    response.setHeader('X-ClickHouse-Server-Display-Name', SERVER_NAME);
    let queryId: string | undefined;
    try {
      const url = URL.parse(message.url ?? '/', 'http://server');
      if (url === null) throw new RequestRefused(400, 36, 'BAD_ARGUMENTS', 'the request target is no URL');
      admit(message, url, settings);
      if (page(url, message, response)) return;
      if (stopping !== undefined || limiter.full) {
        throw new RequestRefused(503, 202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries');
      }
      const request = readQueryRequest(url, randomUUID);
      queryId = request.queryId;
      const planned = await plan(message, request, engine, settings);
      const leave = await limiter.enter();
      try {
        const connection = engine.connect();
        try {
          await answer(message, response, request, planned, await execute(planned, connection, settings));
        } finally {
          connection.close();
        }
      } finally {
        leave();
        await discard(planned);
      }
    } catch (error) {
      fail(response, error, queryId);
    }
  }

  function page(url: URL, message: IncomingMessage, response: ServerResponse): boolean {
    const path = url.pathname;
    const bare = message.method === 'GET' && !url.searchParams.has('query');
    if (path === '/ping' || path === '/replicas_status' || (path === '/' && bare)) {
      response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      response.end(path === '/' ? `Ok. clickproof's HTTP front over chdb ${engine.version}\n` : 'Ok.\n');
      return true;
    }
    if (path !== '/')
      throw new RequestRefused(404, 0, 'NOT_FOUND', `there is nothing at ${path}; statements go to /`);
    if (message.method !== 'GET' && message.method !== 'POST') {
      throw new RequestRefused(405, 36, 'BAD_ARGUMENTS', `the method ${message.method} is not supported`);
    }
    return false;
  }

  async function stop(): Promise<void> {
    server.close();
    server.closeIdleConnections();
    const late = setTimeout(() => server.closeAllConnections(), settings.stopTimeout);
    await Promise.allSettled(running);
    clearTimeout(late);
    server.closeAllConnections();
    await engine.close();
    finish();
  }

  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const url = `http://${host}:${port}`;
  diagnostics.info('ClickHouse engine ready', { url, version: engine.version, path: engine.path });
  return {
    url,
    version: engine.version,
    done,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function listen(server: Server, settings: ClickHouseServerSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host: settings.host, port: settings.port }, resolve);
  try {
    await promise;
  } catch (cause) {
    if (hasCode(cause, 'EADDRINUSE')) {
      throw new ClickproofError('PORT_IN_USE', `port ${settings.port} on ${settings.host} is taken`, {
        remedy: 'choose another with --port, or --port 0 for a free one',
        cause,
      });
    }
    throw new ClickproofError('ADDRESS_UNUSABLE', `cannot listen on ${settings.host}:${settings.port}`, {
      remedy: 'choose an address of this machine with --host and a port you may use with --port',
      cause,
    });
  } finally {
    server.removeListener('error', reject);
  }
}
