import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ensureImage } from '../definitions/ensure-image.ts';
import { imageName } from '../images/names.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { processIdentity } from './process-identity.ts';
import { removeRun, removeStarted, runLabels, sweepLeftovers } from './sweep.ts';

const { engine, why } = await engineForTests();

describe.skipIf(!engine)(`leftovers ${why}`, () => {
  async function start(run: string, labels: Record<string, string>): Promise<void> {
    await engine!.docker.createNetwork({ Name: `clickproof-${run}`, Labels: labels });
    const container = await engine!.docker.createContainer({
      name: `clickproof-${run}-sleeper`,
      Image: imageName('redis'),
      Cmd: ['sleep', '600'],
      Labels: labels,
    });
    await container.start();
  }

  it('of a dead process are removed, those of a living one and of a kept run are not', async () => {
    await ensureImage(engine!, 'redis');
    const child = spawn('sleep', ['60']);
    const owner = processIdentity(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const [dead, alive, kept] = [testRun('dead'), testRun('alive'), testRun('kept')];
    await start(dead, { ...runLabels(dead), 'io.clickproof.owner': owner });
    await start(alive, runLabels(alive));
    await start(kept, runLabels(kept, true));
    try {
      const swept = await sweepLeftovers(engine!);
      expect(swept).toContain(`clickproof-${dead}-sleeper`);
      expect(swept).toContain(`clickproof-${dead}`);
      expect(swept.filter((name) => name.includes(alive) || name.includes(kept))).toEqual([]);
    } finally {
      for (const run of [alive, kept]) {
        expect((await removeRun(engine!, run)).sort()).toEqual([
          `clickproof-${run}`,
          `clickproof-${run}-sleeper`,
        ]);
      }
    }
  });

  it('of this process are removed, what another has started of the same run is not', async () => {
    await ensureImage(engine!, 'redis');
    const run = testRun('shared');
    const name = `clickproof-${run}-theirs`;
    await start(run, runLabels(run, true));
    await engine!.docker.createContainer({
      ...{ name, Image: imageName('redis'), Cmd: ['sleep', '600'] },
      Labels: { ...runLabels(run, true), 'io.clickproof.starter': 'another:1:1' },
    });
    try {
      const removed = await removeStarted(engine!, run);
      expect(removed.sort()).toEqual([`clickproof-${run}`, `clickproof-${run}-sleeper`]);
    } finally {
      expect(await removeRun(engine!, run)).toEqual([name]);
    }
  });
});

describe('two processes that sweep at a time', () => {
  const dead = { 'io.clickproof.run': 'x', 'io.clickproof.owner': processIdentity().replace(/:\d+:/, ':0:') };
  const inUse = () =>
    fakeEngine(({ method, url = '' }, response) => {
      if (method === 'DELETE') response.writeHead(403).end('{"message":"network has active endpoints"}');
      else response.end(JSON.stringify(/networks/.test(url) ? [{ Id: '1', Name: 'n', Labels: dead }] : []));
    });

  it('leave to each other the network of what the other still removes', async () => {
    await expect(sweepLeftovers(await inUse())).resolves.toEqual(['n']);
  });

  it('which at the end of a run is a failure', async () => {
    await expect(removeRun(await inUse(), 'x')).rejects.toThrow('active endpoints');
  });
});
