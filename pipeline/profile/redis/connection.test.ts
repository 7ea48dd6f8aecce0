import { expect, it, onTestFinished } from 'vitest';
import { silent } from '../../contracts/running.ts';
import { RedisConnection } from './connection.ts';
import { redisStoreSettings } from './settings.ts';

it('listens no more often for a server that is away however many wait for it', async () => {
  const settings = redisStoreSettings.parse({ redisUrl: 'redis://127.0.0.1:1' });
  const connection = new RedisConnection(settings, silent);
  onTestFinished(() => connection.close());
  const before = connection.client.listenerCount('ready');
  const waiting = Array.from({ length: 20 }, (_, i) => connection.run(async () => i));
  expect(connection.client.listenerCount('ready')).toBe(before);
  expect(await Promise.all(waiting)).toHaveLength(20);
});
