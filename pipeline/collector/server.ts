import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ClickproofError } from '../contracts/errors.ts';
import { connectionOf, inTurn } from './connection.ts';
import { Exchange } from './exchange.ts';
import { RareWarning } from './rare-warning.ts';
import { refuseBytes, refuseConnection } from './refused-connection.ts';
import { type CollectorSettings, MAX_HEAD_BYTES } from './settings.ts';
import type { Shared } from './shared.ts';

/** An HTTP server in which every request becomes an `Exchange`, and whatever else comes is refused. */
export function makeServer(shared: Shared): Server {
  const { settings, counters } = shared;
  const crowded = new RareWarning(shared.diagnostics, shared.time.now);
  const server = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: Math.min(settings.headersTimeout, settings.requestTimeout),
    requestTimeout: settings.requestTimeout,
    keepAliveTimeout: settings.keepAliveTimeout,
    connectionsCheckingInterval: Math.max(50, Math.min(1_000, settings.headersTimeout / 4)),
    // Nginx joins repeated headers; Node alone would drop all but the first.
    joinDuplicateHeaders: true,
    // Refused and logged by the exchange.
    requireHostHeader: false,
    // Whatever the command line says: the lines rely on headers without control characters.
    insecureHTTPParser: false,
    noDelay: true,
  });
  // A client that has no more to say is answered all the same. Node has this setting but does not document it.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Node would silently cut the list; the exchange refuses instead.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.maxConnections;
  // A client that does not take its answers.
  server.timeout = Math.max(settings.requestTimeout, settings.keepAliveTimeout) + 1_000;

  const exchange = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean) => {
    const connection = connectionOf(request.socket);
    // Pipelined behind a request after which the connection ends: nobody will see an answer.
    if (connection.refused) return;
    const one = new Exchange(shared, request, response, awaitsContinue);
    inTurn(connection, () => one.run());
  };
  server.on('request', (request, response) => exchange(request, response, false));
  server.on('checkContinue', (request, response) => exchange(request, response, true));
  // An expectation that nobody knows: Nginx ignores it too.
  server.on('checkExpectation', (request, response) => exchange(request, response, false));
  server.on('connect', (_request, stream) => {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    refuseConnection(shared, socket, connectionOf(socket), 400);
  });
  server.on('clientError', (error, stream) => refuseBytes(shared, error, stream as Socket));
  server.on('drop', () => {
    counters.droppedConnections++;
    crowded.error(
      'connections are dropped',
      `more than ${settings.maxConnections} are open (--max-connections)`,
    );
  });
  return server;
}

/**
 * Listens, and gives the URL.
 *
 * @throws ClickproofError PORT_IN_USE, PORT_NOT_PERMITTED, ADDRESS_NOT_AVAILABLE
 */
export async function listen(server: Server, { host, port }: CollectorSettings): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: 1_024 }, resolve);
  try {
    await promise;
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port);
  }
  server.off('error', reject);
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ClickproofError('PORT_IN_USE', `port ${port} on ${host} is taken by another program`, {
        remedy: 'stop that program, or choose another port with --port (0 takes any free one)',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
      return new ClickproofError('PORT_NOT_PERMITTED', `you may not listen on port ${port}`, {
        remedy: 'choose a port from 1024 up with --port',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'EAFNOSUPPORT':
      return new ClickproofError('ADDRESS_NOT_AVAILABLE', `${host} is no address of this machine`, {
        remedy: 'choose another with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all its addresses',
        cause,
      });
    default:
      return cause;
  }
}
