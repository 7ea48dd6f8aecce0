import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PartitionChange, ProfileStore } from '../store.ts';
import { describeRedis, RedisServer } from './testing/redis-server.ts';

const VISITORS = Array.from({ length: 100 }, (_, i) => Buffer.from(`visitor ${i}`));

/** Sets every visitor's value to the new mark: a state is whole when all values name its mark. */
function change(from: number | null, to: number): PartitionChange {
  return {
    from,
    to,
    values: VISITORS.map((visitor) => ({ visitor, value: Buffer.from(`${to} ${'x'.repeat(200)}`) })),
    segment: Buffer.from(`${to}`),
    dropBefore: to - 3,
    progress: {
      last: to - 1,
      counts: { events: to, repeats: 0, retries: 0, collisions: 0, recentEvictions: 0 },
    },
    description: { rulesHash: 'r', partitions: 1 },
  };
}

describeRedis('Redis that is killed', () => {
  let server: RedisServer;
  let store: ProfileStore;

  beforeEach(async () => {
    server = await RedisServer.start();
    store = await server.store();
  });
  afterEach(async () => {
    await store?.close();
    await server?.close();
  });

  /** The mark; fails unless everything is as it was when that mark was set. */
  async function wholeState(): Promise<number | null> {
    const { mark, progress, segments } = await store.claim(0);
    const values = await store.read(0, mark, VISITORS);
    if (values === 'moved') throw new Error('nobody else writes');
    const marks = new Set(values.map((value) => value && Number(value.toString().split(' ')[0])));
    expect([...marks]).toEqual([mark]);
    expect(progress?.last ?? null).toBe(mark === null ? null : mark - 1);
    const last = mark ?? 0;
    expect(segments.map(Number)).toEqual([last - 2, last - 1, last].filter((one) => one > 0));
    return mark;
  }

  it('comes back with a state that was, never with half a change', async () => {
    let mark: number | null = null;
    let changes = 0;
    for (let kill = 0; kill < 12; kill++) {
      let going = true;
      const seen = changes;
      const writer = (async () => {
        while (going) {
          const to: number = (mark ?? 0) + 1;
          const answer = await store.apply(0, change(mark, to));
          // With appendfsync everysec what was answered last can be lost; the worker claims again.
          mark = answer === 'refused' ? (await store.claim(0)).mark : to;
          changes++;
        }
      })();
      await vi.waitFor(() => expect(changes).toBeGreaterThan(seen), { timeout: 20_000, interval: 1 });
      // Anywhere in one of the next changes, each of which takes some milliseconds.
      await sleep(kill);
      await server.kill();
      going = false;
      await server.start();
      await writer;
      expect(await wholeState()).toBe(mark);
    }
  });

  it('has kept whatever it answered to, when it syncs always', async () => {
    const careful = await RedisServer.start(['--appendfsync', 'always']);
    const kept = await careful.store();
    try {
      for (let to = 1; to <= 6; to++) {
        expect(await kept.apply(0, change(to === 1 ? null : to - 1, to))).toBe('applied');
        await careful.kill();
        await careful.start();
        expect((await kept.claim(0)).mark).toBe(to);
      }
    } finally {
      await kept.close();
      await careful.close();
    }
  });

  it('applies a script as a whole, wherever its append-only file is cut', async () => {
    await store.close();
    await server.close();
    // Otherwise it may answer while a change is not in the file yet.
    server = await RedisServer.start(['--appendfsync', 'always']);
    store = await server.store();
    const ends: number[] = [];
    for (let to = 1; to <= 4; to++) {
      await store.apply(0, change(to === 1 ? null : to - 1, to));
      ends.push(readFileSync(server.appendOnlyFile).length);
    }
    await server.kill();
    const file = server.appendOnlyFile;
    const all = readFileSync(file);
    expect(all.length).toBe(ends[3]);
    const [, , before, after] = ends as [number, number, number, number];
    // A few bytes off either end, and evenly between.
    const cuts = [after - 1, after - 2, after - 20, before + 1, before + 9, before + 40];
    for (let i = 1; i < 14; i++) cuts.push(before + Math.trunc(((after - before) * i) / 14));
    for (const cut of [...cuts, before, after]) {
      writeFileSync(file, all);
      truncateSync(file, cut);
      await server.start();
      expect(await wholeState(), `cut at ${cut} of ${before} to ${after}`).toBe(cut === after ? 4 : 3);
      await server.kill();
    }
  });

  it('is asked again when it hangs, and finds that it has answered already', async () => {
    await store.close();
    store = await server.store(undefined, { redisTimeout: 100 });
    await store.apply(0, change(null, 1));
    server.signal('SIGSTOP');
    const answer = store.apply(0, change(1, 2));
    await sleep(350);
    server.signal('SIGCONT');
    // Which of the runs came first is the server's affair.
    expect(['applied', 'already']).toContain(await answer);
    expect(await wholeState()).toBe(2);
  });

  it('may forget its scripts', async () => {
    const redis = new Redis(server.url);
    await store.apply(0, change(null, 1));
    await redis.script('FLUSH');
    redis.disconnect();
    expect(await store.apply(0, change(1, 2))).toBe('applied');
    expect(await wholeState()).toBe(2);
  });
});
