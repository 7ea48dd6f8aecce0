import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openEmbeddedLog } from '../../pipeline/log/index.ts';
import { startPipeline } from './pipeline.ts';

const FAKE = fileURLToPath(new URL('testing/fake-role.ts', import.meta.url));

it('its servers are stopped, too, where the event log does not close', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clickproof-pipeline-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'events.db');
  const log = openEmbeddedLog({ path });
  let stopped = 0;
  const stack = await startPipeline(
    { dataDir: join(folder, 'data'), clickproof: [process.execPath, FAKE], workers: [['clickhouse-sink']] },
    {
      ...{ kind: 'embedded', description: [], eventLog: { kind: 'embedded', path }, profiles: undefined },
      flags: { log: [], roles: {} },
      openLog: () =>
        Object.assign(Object.create(log) as typeof log, {
          async close() {
            await log.close();
            throw new Error('the disk is gone');
          },
        }),
      async stop() {
        stopped += 1;
      },
    },
  );
  await expect(stack.stop()).rejects.toThrow('the disk is gone');
  expect(stopped).toBe(1);
});
