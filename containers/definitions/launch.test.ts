import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineForTests, testRun } from '../testing/engine.ts';
import type { ContainerContext } from './context.ts';
import { hostPorts } from './host-ports.ts';
import { launch, saysInLog } from './launch.ts';
import { closeNetwork, openNetwork } from './network.ts';

vi.mock('./host-ports.ts', { spy: true });

const { engine, why } = await engineForTests();

const redis = {
  image: 'redis',
  ports: [6379],
  command: ['redis-server', '--protected-mode', 'no'],
  ready: saysInLog(/Ready to accept connections/),
} as const;

describe.skipIf(!engine)(`a container that is started ${why}`, () => {
  let context: ContainerContext;
  beforeAll(async () => {
    context = await openNetwork(engine!, testRun('launch'));
  });
  afterAll(() => context && closeNetwork(context));

  it('takes another port when the one chosen is taken meanwhile, and is for this machine alone', async () => {
    const other = createServer().listen(0, '0.0.0.0');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const taken = (other.address() as AddressInfo).port;
    vi.mocked(hostPorts).mockResolvedValueOnce([taken]);
    const service = await launch(context, redis);
    expect(vi.mocked(hostPorts)).toHaveBeenCalledTimes(2);
    expect(service.port(6379)).not.toBe(taken);
    const { NetworkSettings } = await engine!.docker.getContainer(service.id).inspect();
    expect(NetworkSettings.Ports['6379/tcp']?.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1']);
  });

  it('is not made when its start was given up', async () => {
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(launch({ ...context, signal }, { ...redis, name: 'never' })).rejects.toThrow('given up');
    const filters = { name: [`clickproof-${context.run}-never`] };
    expect(await engine!.docker.listContainers({ all: true, filters })).toEqual([]);
  });
});
