import { createServer } from 'node:net';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/**
 * Below the range from which Linux takes the ports of outgoing connections: a client that keeps calling a dead server's port could
 * otherwise be given that very port for its own end, talk to itself, and keep the server from coming back.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MOST_TRIES = 200;
const given = new Set<number>();

/**
 * Ports of this machine that nothing listens on. A container keeps its port when it is killed and started again, which a port that the
 * engine chooses is not sure to do.
 */
export async function hostPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries === MOST_TRIES) {
      throw new ClickproofError('NO_FREE_PORT', `no free port between ${LOWEST} and ${HIGHEST}`, {
        remedy: 'stop other programs: npm run stack -- down stops a stack that was kept up',
      });
    }
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  return promise;
}
