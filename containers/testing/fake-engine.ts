import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import type { Engine } from '../engine/index.ts';

/** An engine that answers as told, until the test ends. */
export async function fakeEngine(answer: RequestListener): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-fake-engine-'));
  const socketPath = join(folder, 'engine.sock');
  const server = createServer(answer).listen(socketPath);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  await once(server, 'listening');
  return { docker: new Docker({ socketPath }), endpoint: `unix://${socketPath}`, description: 'a fake' };
}
