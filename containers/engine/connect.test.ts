import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { connectEngine } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickproof-engine-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function engineAt(path: string, version: object): Promise<void> {
  const server = createServer((_request, response) => response.end(JSON.stringify(version)));
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(path, resolve);
  await promise;
}

it('finds the engine that DOCKER_HOST names', async () => {
  const path = join(folder, 'docker.sock');
  await engineAt(path, { Version: '28.2.2', Components: [{ Name: 'Engine' }] });
  const engine = await connectEngine({ DOCKER_HOST: `unix://${path}` });
  expect(engine).toMatchObject({ endpoint: `unix://${path}`, description: 'Docker 28.2.2' });
});

it('says which kind it is', async () => {
  const path = join(folder, 'podman.sock');
  await engineAt(path, { Version: '5.4.0', Components: [{ Name: 'Podman Engine' }] });
  expect((await connectEngine({ DOCKER_HOST: `unix://${path}` })).description).toBe('Podman 5.4.0');
});

it('says that there is none, and the remedies', async () => {
  await expect(connectEngine({ DOCKER_HOST: `unix://${folder}/none.sock` })).rejects.toMatchObject({
    code: 'ENGINE_NOT_FOUND',
    message: expect.stringContaining('DOCKER_HOST'),
    remedy: expect.stringContaining('--install'),
  });
});

it('says that a socket is there and nobody answers', async () => {
  await expect(connectEngine({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'ENGINE_NOT_ANSWERING',
  });
});
