import { expect, it } from 'vitest';
import type { Engine } from '../engine/index.ts';
import type { ImageId } from '../images/names.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { ensureImage } from './ensure-image.ts';

/** An engine without images, whose pulls end as told. */
async function engineThatSays(error: string): Promise<{ engine: Engine; pulls: () => number }> {
  let pulls = 0;
  const engine = await fakeEngine(({ method }, response) => {
    if (method === 'POST') pulls += 1;
    if (method === 'POST') response.end(`{"status":"Pulling"}\n${JSON.stringify({ error })}\n`);
    else response.writeHead(404).end('{"message":"no such image"}');
  });
  return { engine, pulls: () => pulls };
}

it.each<[said: string, code: string, remedy: string]>([
  [
    'dial tcp: lookup registry-1.docker.io: no such host',
    'IMAGE_NOT_AVAILABLE',
    'npm run images -- --only redis',
  ],
  ['toomanyrequests: You have reached your pull rate limit', 'IMAGE_NOT_AVAILABLE', 'docker pull redis:8'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'DISK_FULL', 'docker system prune'],
])('a pull that fails with "%s": %s, %s', async (said, code, remedy) => {
  const { engine } = await engineThatSays(said);
  await expect(ensureImage(engine, 'redis')).rejects.toMatchObject({
    code,
    message: expect.stringContaining(said),
    remedy: expect.stringContaining(remedy),
  });
});

it('what nobody publishes is not pulled: the name could be anybody’s', async () => {
  const { engine, pulls } = await engineThatSays('none');
  const id: ImageId = 'filebeatKafka4';
  await expect(ensureImage(engine, id)).rejects.toMatchObject({
    code: 'IMAGE_NOT_AVAILABLE',
    message: expect.stringContaining('nobody publishes it'),
    remedy: expect.stringContaining(`--only ${id}`),
  });
  expect(pulls()).toBe(0);
});

it('a pull is given up by the signal', async () => {
  const { engine, pulls } = await engineThatSays('none');
  await expect(ensureImage(engine, 'redis', AbortSignal.abort(new Error('given up')))).rejects.toThrow(
    'given up',
  );
  expect(pulls()).toBe(0);
});
