import type { RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../engine/index.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { onPull, pullImage, Registries } from './pull.ts';

/** An engine that answers as told; `asked` are the images that were to be pulled. */
async function engineThat(answer: RequestListener): Promise<{ engine: Engine; asked: string[] }> {
  const asked: string[] = [];
  const engine = await fakeEngine((request, response) => {
    asked.push(new URL(request.url!, 'http://engine').searchParams.get('fromImage')!);
    answer(request, response);
  });
  return { engine, asked };
}

it('pulls, tells of it, and asks the same registry again', async () => {
  const { engine, asked } = await engineThat((_, response) => response.end('{"status":"Pulling"}\n'));
  const told: string[] = [];
  onTestFinished(onPull((image) => told.push(image)));
  const registries = new Registries(engine);
  const { signal } = new AbortController();
  expect(await registries.pull('redis:8', signal)).toBeUndefined();
  expect(await registries.pull('nginx:stable', signal)).toBeUndefined();
  expect(asked).toEqual(['redis', 'nginx']);
  expect(told).toEqual(['redis:8', 'nginx:stable']);
});

it('gives up a registry that says nothing, and does not ask it again; others it does', async () => {
  const { engine, asked } = await engineThat(() => {});
  const registries = new Registries(engine, 500);
  const { signal } = new AbortController();
  expect(await registries.pull('redis:8', signal)).toContain('no answer');
  expect(await registries.pull('apache/kafka:4.1.0', signal)).toBe('docker.io did not answer before');
  expect(await registries.pull('ghcr.io/shopify/toxiproxy:2.12.0', signal)).toContain('no answer');
  expect(asked).toEqual(['redis', 'ghcr.io/shopify/toxiproxy']);
});

it('asks again a registry that answers, though it does not have every image', async () => {
  const { engine, asked } = await engineThat((_, response) => {
    response.writeHead(404).end('{"message":"manifest unknown"}');
  });
  const registries = new Registries(engine);
  const { signal } = new AbortController();
  for (const image of ['redis:8', 'nginx:stable']) {
    expect(await registries.pull(image, signal)).toContain('manifest unknown');
  }
  expect(asked).toEqual(['redis', 'nginx']);
});

it('says what the engine says, before the pull and within it', async () => {
  const none = await engineThat((_, response) => {
    response.writeHead(500).end('{"message":"no such host"}');
  });
  await expect(pullImage(none.engine, 'redis:8')).rejects.toThrow('no such host');
  const broken = await engineThat((_, response) => {
    response.end('{"status":"Pulling"}\n{"error":"no space left on device"}\n');
  });
  await expect(pullImage(broken.engine, 'redis:8')).rejects.toThrow('no space left on device');
});

it.each(['before it answers', 'while it pulls'])('is given up by the signal %s', async (when) => {
  const giving = new AbortController();
  const { engine } = await engineThat((_, response) => {
    if (when === 'while it pulls') response.write('{"status":"Pulling"}\n');
    setImmediate(() => giving.abort(new Error('given up')));
  });
  await expect(pullImage(engine, 'redis:8', { signal: giving.signal })).rejects.toThrow('given up');
});
