import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedProfileStore } from './embedded-store.ts';
import { type ProfileStoreFixture, profileStoreContract } from './profile-store.contract.ts';
import type { ProfileStore } from './store.ts';
import { MemoryProfileStore } from './testing/memory-store.ts';

profileStoreContract('embedded', async (): Promise<ProfileStoreFixture> => {
  const directory = mkdtempSync(join(tmpdir(), 'profile-store-'));
  const path = join(directory, 'profiles.db');
  const opened: ProfileStore[] = [];
  const closeAll = async () => {
    for (const store of opened.splice(0)) await store.close();
  };
  const replaceBy = async (copy: string | undefined) => {
    await closeAll();
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    if (copy) copyFileSync(copy, path);
  };
  return {
    async open(topic = 'tracking_flattened') {
      const store = openEmbeddedProfileStore({ path, topic });
      opened.push(store);
      return store;
    },
    async snapshot() {
      const copy = join(directory, `copy-${opened.length}.db`);
      const db = new DatabaseSync(path);
      db.exec(`VACUUM INTO '${copy}'`);
      db.close();
      return () => replaceBy(copy);
    },
    lose: () => replaceBy(undefined),
    async close() {
      await closeAll();
      rmSync(directory, { recursive: true });
    },
  };
});

profileStoreContract('in memory, for tests', async (): Promise<ProfileStoreFixture> => {
  const topics = new Map<string, MemoryProfileStore>();
  return {
    async open(topic = 'tracking_flattened') {
      const store = topics.get(topic) ?? new MemoryProfileStore();
      topics.set(topic, store);
      return store;
    },
    async snapshot() {
      const kept = [...topics].map(([topic, store]) => [topic, store.snapshot()] as const);
      return async () => {
        for (const [topic, state] of kept) topics.get(topic)!.restore(state);
      };
    },
    async lose() {
      for (const store of topics.values()) store.restore(new Map());
    },
    async close() {},
  };
});

describe('the embedded profile store, when its file is not as it should be', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'profile-store-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('says that a file is no profile store', () => {
    const path = join(directory, 'profiles.db');
    writeFileSync(path, 'no database at all, but long enough to be taken for one'.repeat(100));
    expect(() => openEmbeddedProfileStore({ path, topic: 't' })).toThrow(
      expect.objectContaining({
        code: 'PROFILE_STORE_CORRUPT',
        remedy: expect.stringContaining('folded again'),
      }),
    );
  });

  it('says that a directory is missing', () => {
    expect(() => openEmbeddedProfileStore({ path: join(directory, 'no/where.db'), topic: 't' })).toThrow(
      expect.objectContaining({ code: 'PROFILE_STORE_UNREADABLE' }),
    );
  });

  it('refuses a file of another version', () => {
    const path = join(directory, 'profiles.db');
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openEmbeddedProfileStore({ path, topic: 't' })).toThrow(
      expect.objectContaining({ code: 'PROFILE_STORE_VERSION' }),
    );
  });
});
