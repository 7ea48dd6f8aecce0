import { createServer } from 'node:net';

/** What has been given out is not free any more, though nobody may listen there yet. */
const given = new Set<number>();

/**
 * A port that is free on the loopback interface now. A role that is killed and started again must come back where
 * it was, so its port is chosen before it starts.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  if (given.has(address.port)) return freePort();
  given.add(address.port);
  return address.port;
}
