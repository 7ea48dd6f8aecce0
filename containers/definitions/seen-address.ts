import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 2_000;

/**
 * Where requests from this machine seem to come from, seen from inside a container: what the readiness check is in the access log that it
 * has been answered by. Null where no such line comes.
 */
export async function seenAddress(accessLog: string, patienceMs = PATIENCE_MS): Promise<string | null> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const seen = addressIn(await readFile(accessLog, 'latin1').catch(() => ''));
    if (seen !== null || performance.now() > deadline) return seen;
    // The line is written after the answer.
    await sleep(LOOK_EVERY_MS);
  }
}

/** Of the newest check: asked by Node's own client. */
function addressIn(log: string): string | null {
  for (const line of log.split('\n').slice(0, -1).reverse()) {
    if (!line.includes('"/health"')) continue;
    const { uri, user_agent, remote_addr } = JSON.parse(line) as Record<string, string>;
    if (uri === '/health' && user_agent === 'node' && remote_addr) return remote_addr;
  }
  return null;
}
