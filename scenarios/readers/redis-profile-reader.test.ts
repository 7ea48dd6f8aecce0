import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeRedis, RedisServer } from '../../pipeline/profile/redis/testing/redis-server.ts';
import { RedisProfileReader } from './redis-profile-reader.ts';

describeRedis('the checker’s reader of profiles in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.close());

  const change = (from: number | null, to: number, values: [string, string][]) => ({
    from,
    to,
    values: values.map(([visitor, value]) => ({
      visitor: Buffer.from(visitor, 'latin1'),
      value: Buffer.from(value),
    })),
    segment: null,
    dropBefore: -1,
    progress: {
      last: to - 1,
      counts: { events: 0, repeats: 0, retries: 0, collisions: 0, recentEvictions: 0 },
    },
    description: { rulesHash: 'rules', partitions: 2 },
  });

  async function read(topic: string, visitors: readonly string[]) {
    const reader = new RedisProfileReader({ url: server.url }, topic);
    try {
      const values = await reader.profiles(1, visitors);
      return { mark: await reader.mark(1), values: values.map((value) => value && String(value)) };
    } finally {
      await reader.close();
    }
  }

  it('reads what the pipeline wrote, in any number, and keys of any bytes', async () => {
    const store = await server.store('flattened');
    const many = Array.from({ length: 450 }, (_, i): [string, string] => [`v${i}`, `value ${i}`]);
    await store.apply(1, change(null, 5, [...many, ['\xff \x00}', 'bytes']]));
    await store.close();
    const names = [...many.map(([name]) => name), '\xff \x00}', 'nobody'];
    expect(await read('flattened', names)).toEqual({
      mark: 5,
      values: [...many.map(([, value]) => value), 'bytes', null],
    });
    expect(await read('other', ['v1'])).toEqual({ mark: 0, values: [null] });
  });

  it('takes values of a partition that was begun anew for none', async () => {
    const store = await server.store('anew');
    await store.apply(1, change(null, 5, [['old', 'value']]));
    const before = new RedisProfileReader({ url: server.url }, 'anew');
    const [stale] = await before.profiles(1, ['old']);
    await before.close();
    expect(stale).not.toBeNull();
    await store.clear(1);
    await store.apply(1, change(null, 7, [['new', 'value']]));
    await store.close();
    expect(await read('anew', ['old', 'new'])).toEqual({ mark: 7, values: [null, 'value'] });
  });

  it('says that it cannot read, without the password', async () => {
    await server.kill();
    const gone = new RedisProfileReader({ url: `redis://:secret@127.0.0.1:${server.port}` }, 'flattened');
    const error = await gone.profiles(1, ['v1']).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'HOP_UNREADABLE' });
    expect(String(error)).not.toContain('secret');
    await gone.close();
  });
});
