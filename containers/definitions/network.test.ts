import { expect, it } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { openNetwork } from './network.ts';

it.each<[code: string, status: number, said: string, remedy: string]>([
  ['RUN_EXISTS', 409, 'network with name clickproof-x already exists', 'npm run stack -- down'],
  [
    'NETWORKS_EXHAUSTED',
    400,
    'all predefined address pools have been fully subnetted',
    'docker network prune',
  ],
  [
    'NETWORKS_EXHAUSTED',
    500,
    'could not find an available, non-overlapping IPv4 address pool among the defaults',
    'docker network prune',
  ],
  ['NETWORK_FAILED', 500, 'iptables: no chain by that name', 'log'],
])('a network that the engine does not make: %s', async (code, status, said, remedy) => {
  const engine = await fakeEngine(({ method }, response) => {
    if (method === 'POST') response.writeHead(status).end(JSON.stringify({ message: said }));
    else response.end('[]');
  });
  await expect(openNetwork(engine, 'x')).rejects.toMatchObject({
    code,
    remedy: expect.stringContaining(remedy),
  });
});

it.each(['tcp://build.example:2375', 'ssh://root@192.0.2.7'])(
  'an engine elsewhere is refused: %s',
  async (endpoint) => {
    const engine = await fakeEngine((_, response) => void response.end('[]'));
    await expect(openNetwork({ ...engine, endpoint }, 'x')).rejects.toMatchObject({ code: 'ENGINE_REMOTE' });
  },
);

it('one that is reached by a port of this machine is not', async () => {
  const engine = await fakeEngine(({ method }, response) => {
    if (method === 'POST') response.writeHead(201).end('{"Id":"1"}');
    else response.end('[]');
  });
  for (const endpoint of ['tcp://127.0.0.1:2375', 'tcp://localhost:2375', engine.endpoint]) {
    expect((await openNetwork({ ...engine, endpoint }, 'x')).network).toBe('1');
  }
});

it.each([
  ['first', '2026-01-01T00:00:00.1Z', undefined],
  ['second', '2026-01-01T00:00:00.3Z', 'RUN_EXISTS'],
])('of two that were made in the same moment the %s: %s, %s', async (_, Created, code) => {
  const removed: string[] = [];
  let made = false;
  const engine = await fakeEngine(({ method, url = '' }, response) => {
    if (method === 'DELETE') removed.push(url);
    if (method === 'POST') made = true;
    const networks = [
      { Id: 'theirs', Name: 'clickproof-x', Created: '2026-01-01T00:00:00.2Z', Labels: {} },
      { Id: 'ours', Name: 'clickproof-x', Created, Labels: {} },
    ];
    if (method === 'POST') response.writeHead(201).end('{"Id":"ours"}');
    else if (method === 'DELETE') response.writeHead(204).end();
    else response.end(JSON.stringify(made && url.startsWith('/networks') ? networks : []));
  });
  const opened = await openNetwork(engine, 'x').catch((error: unknown) => error);
  expect(opened).toMatchObject(code ? { code } : { network: 'ours' });
  expect(removed).toEqual(code ? ['/networks/ours'] : []);
});
