import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ensureImage } from '../definitions/ensure-image.ts';
import { imageName } from '../images/names.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { processIdentity } from './process-identity.ts';
import { removeRun, runLabels, sweepLeftovers } from './sweep.ts';

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
});
