import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import type { Diagnostics } from '../../contracts/running.ts';
import type { PartitionChange, ProfileStore } from '../store.ts';
import { describeRedis, RedisServer } from './testing/redis-server.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function started(...options: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  closing.push(server);
  return server;
}

async function opened(server: RedisServer, settings: object = {}): Promise<ProfileStore> {
  const store = await server.store(undefined, settings);
  closing.push(store);
  return store;
}

function clientOf(server: RedisServer): Redis {
  const redis = new Redis(server.url);
  closing.push({ close: async () => redis.disconnect() });
  return redis;
}

function change(from: number | null, to: number, visitor: string, value: string): PartitionChange {
  return {
    from,
    to,
    values: [{ visitor: Buffer.from(visitor), value: Buffer.from(value) }],
    segment: Buffer.from('segment'),
    dropBefore: -1,
    progress: { last: to, counts: { events: to, repeats: 0, retries: 0, collisions: 0, recentEvictions: 0 } },
    description: { rulesHash: 'r', partitions: 1 },
  };
}

const storedValue = async (store: ProfileStore, mark: number | null, visitor = 'a', partition = 0) =>
  String(((await store.read(partition, mark, [Buffer.from(visitor)])) as (Buffer | null)[])[0]);

describeRedis('a Redis for profiles', () => {
  it('must not evict, also when that is set later', async () => {
    const evicting = await started('--maxmemory-policy', 'allkeys-lru');
    await expect(evicting.store()).rejects.toMatchObject({
      code: 'REDIS_EVICTS',
      remedy: expect.stringContaining('maxmemory-policy noeviction'),
    });
    await clientOf(evicting).config('SET', 'maxmemory-policy', 'noeviction');
    const store = await opened(evicting);
    await clientOf(evicting).config('SET', 'maxmemory-policy', 'volatile-ttl');
    await expect(store.claim(0)).rejects.toMatchObject({ code: 'REDIS_EVICTS' });
    await clientOf(evicting).config('SET', 'maxmemory-policy', 'noeviction');
    expect((await store.claim(0)).mark).toBeNull();
  });

  it('should keep an append-only file: one without is warned of', async () => {
    const warned: string[] = [];
    const diagnostics: Diagnostics = { info() {}, warn: (message) => warned.push(message), error() {} };
    const keeping = await started();
    await (await keeping.store(undefined, {}, diagnostics)).close();
    expect(warned).toEqual([]);
    await clientOf(keeping).config('SET', 'appendonly', 'no');
    await (await keeping.store(undefined, {}, diagnostics)).close();
    expect(warned).toEqual([expect.stringContaining('appendonly no')]);
  });

  it('refuses changes while its memory is full, whole, and takes them after', async () => {
    const server = await started();
    const store = await opened(server);
    await store.apply(0, change(null, 1, 'a', 'A1'));
    await clientOf(server).config('SET', 'maxmemory', '1mb');
    const big = change(1, 2, 'a', 'x'.repeat(100_000));
    await expect(store.apply(0, big)).rejects.toMatchObject({
      code: 'REDIS_FULL',
      remedy: expect.stringContaining('maxmemory'),
    });
    expect(await storedValue(store, 1)).toBe('A1');
    expect((await store.claim(0)).segments).toHaveLength(1);
    await clientOf(server).config('SET', 'maxmemory', '0');
    expect(await store.apply(0, big)).toBe('applied');
  });

  it('whose keys hold something else is refused before anything is changed', async () => {
    const server = await started();
    const store = await opened(server);
    await store.apply(0, change(null, 1, 'a', 'A1'));
    await clientOf(server).set('{cp:tracking_flattened:0}:window', 'text');
    await expect(store.apply(0, change(1, 2, 'a', 'A2'))).rejects.toMatchObject({ code: 'REDIS_FOREIGN' });
    expect(await storedValue(store, 1)).toBe('A1');
  });

  it('takes user and password from the URL, and says when they are wrong', async () => {
    const server = await started();
    const redis = clientOf(server);
    await redis.acl('SETUSER', 'ann', 'on', '>s:cret', '~{cp:*', '+@all');
    await redis.config('SET', 'requirepass', 'p@ss/word');
    const at = (user: string) => ({ redisUrl: server.url.replace('//', `//${user}@`) });
    for (const user of [':p%40ss%2Fword', 'ann:s%3Acret']) {
      const store = await opened(server, at(user));
      expect((await store.claim(0)).mark).toBeNull();
    }
    for (const settings of [{}, at(':wrong'), at('ann:wrong'), at('nobody:p')]) {
      await expect(server.store(undefined, settings)).rejects.toMatchObject({
        code: 'REDIS_DENIED',
        message: expect.not.stringContaining('wrong@'),
        remedy: expect.stringContaining('--redis-url'),
      });
    }
  });

  it('that is not there is named, without the password', async () => {
    const server = await started();
    await server.kill();
    const settings = {
      redisUrl: `redis://:secret@127.0.0.1:${server.port}/3`,
      redisConnectTimeout: 2_000,
    };
    await expect(server.store(undefined, settings)).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringMatching(/redis:\/\/127\.0\.0\.1:\d+\/3 does not answer: .*ECONNREFUSED/),
    });
  });

  it('speaks TLS, to those who trust its certificate', async () => {
    const server = await started();
    const file = (name: string) => join(server.directory, name);
    execFileSync(
      'openssl',
      [
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
        ['-addext', 'subjectAltName=DNS:localhost', '-keyout', file('key.pem'), '-out', file('cert.pem')],
      ].flat(),
      { stdio: 'ignore' },
    );
    const tls = await started(
      ...['--tls-port', '0', '--tls-cert-file', file('cert.pem'), '--tls-key-file', file('key.pem')],
      ...['--tls-ca-cert-file', file('cert.pem'), '--tls-auth-clients', 'no'],
    );
    // The plain port was free a moment ago, and is now TLS's.
    const redis = clientOf(tls);
    await redis.config('SET', 'port', '0');
    await redis.config('SET', 'tls-port', String(tls.port));
    const redisUrl = `rediss://localhost:${tls.port}`;
    const store = await opened(tls, { redisUrl, redisCaFile: file('cert.pem') });
    expect(await store.apply(0, change(null, 1, 'a', 'A1'))).toBe('applied');
    await expect(tls.store(undefined, { redisUrl, redisConnectTimeout: 2_000 })).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringContaining('self-signed certificate'),
    });
    await expect(tls.store(undefined, { redisUrl, redisCaFile: file('none') })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('keeps marks for ever, and values for as long as they are told to', async () => {
    const server = await started();
    const store = await opened(server, { redisValueTtl: '90d' });
    await store.apply(0, change(null, 1, 'a', 'A1'));
    const redis = clientOf(server);
    expect(await redis.pttl('{cp:tracking_flattened:0}:mark')).toBe(-1);
    expect(await redis.pttl('{cp:tracking_flattened:0}:window')).toBe(-1);
    expect(await redis.pttl('{cp:tracking_flattened:0}:v:a')).toBeGreaterThan(89 * 86_400_000);
    const lasting = await opened(server);
    await lasting.apply(0, change(1, 2, 'a', 'A2'));
    expect(await redis.pttl('{cp:tracking_flattened:0}:v:a')).toBe(-1);
  });

  it('holds no value of before once its partition was forgotten, or its mark deleted by hand', async () => {
    const server = await started();
    const store = await opened(server);
    const redis = clientOf(server);
    await store.apply(0, change(null, 1, 'a', 'A1'));
    await store.apply(1, change(null, 1, 'a', 'kept'));
    await store.clear(0);
    expect((await redis.keys('*')).toSorted()).toEqual(
      ['mark', 'v:a', 'window'].map((name) => `{cp:tracking_flattened:1}:${name}`),
    );
    await redis.del('{cp:tracking_flattened:1}:mark');
    expect(await store.claim(1)).toMatchObject({ mark: null, segments: [] });
    expect(await storedValue(store, null, 'a', 1)).toBe('null');
    await store.apply(1, change(null, 1, 'b', 'B1'));
    expect(await storedValue(store, 1, 'a', 1)).toBe('null');
    expect((await store.claim(1)).segments).toHaveLength(1);
  });

  it('written by another version is refused', async () => {
    const server = await started();
    const store = await opened(server);
    await store.apply(0, change(null, 1, 'a', 'A1'));
    await clientOf(server).hset('{cp:tracking_flattened:0}:mark', 'format', '2');
    await expect(store.claim(0)).rejects.toMatchObject({
      code: 'PROFILE_STORE_VERSION',
      remedy: expect.stringContaining('{cp:tracking_flattened:0}:mark'),
    });
  });

  it('can be a cluster', async () => {
    const nodes = [await started('--cluster-enabled', 'yes'), await started('--cluster-enabled', 'yes')];
    const [first, second] = nodes.map(clientOf) as [Redis, Redis];
    await first.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
    await second.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
    await second.call('CLUSTER', 'SET-CONFIG-EPOCH', '2');
    await first.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1]!.port));
    const store = await opened(nodes[0]!, { redisCluster: true });
    for (let partition = 0; partition < 16; partition++) {
      await store.apply(partition, change(null, 1, '{other}tag', `value ${partition}`));
      expect(await storedValue(store, 1, '{other}tag', partition)).toBe(`value ${partition}`);
    }
    expect(await first.dbsize()).toBeGreaterThan(0);
    expect(await second.dbsize()).toBeGreaterThan(0);
    for (let partition = 0; partition < 16; partition++) await store.clear(partition);
    expect([await first.dbsize(), await second.dbsize()]).toEqual([0, 0]);
  });
});
