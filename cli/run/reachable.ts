import { connect } from 'node:net';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

const PATIENCE_MS = 5_000;
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Makes sure that somebody listens where the traffic is to go. By a connection alone: a request would be a line in somebody's log.
 *
 * @throws ClickproofError TARGET_UNREACHABLE
 */
export async function requireReachable(origin: string): Promise<void> {
  const { hostname, port, protocol } = new URL(origin);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port: Number(port) || PORTS[protocol]!, timeout: PATIENCE_MS });
  socket.on('connect', resolve);
  socket.on('error', reject);
  socket.on('timeout', () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
  try {
    await promise;
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new ClickproofError(
      'TARGET_UNREACHABLE',
      `there is nobody at ${origin} (${why}); nothing was sent`,
      {
        remedy: 'start the collector, or give its right address',
        cause,
      },
    );
  } finally {
    socket.destroy();
  }
}
