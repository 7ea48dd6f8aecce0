import { join } from 'node:path';
import type { Diagnostics } from '../../pipeline/contracts/running.ts';
import type { RedisStoreSettings } from '../../pipeline/profile/redis/settings.ts';
import type { ProfileStore } from '../../pipeline/profile/store.ts';
import type { PersisterSettings } from '../../pipeline/stages/settings.ts';
import type { PipelineSettings } from '../settings/pipeline.ts';

/** Opens the store in which the pipeline keeps its profiles. */
export async function openProfileStore(
  {
    pipeline,
    persister,
    redis,
  }: {
    readonly pipeline: PipelineSettings;
    readonly persister: PersisterSettings;
    readonly redis: RedisStoreSettings;
  },
  diagnostics: Diagnostics,
): Promise<ProfileStore> {
  const topic = pipeline.topics.flattened;
  if (pipeline.profiles === 'sqlite') {
    const { openEmbeddedProfileStore } = await import('../../pipeline/profile/embedded-store.ts');
    return openEmbeddedProfileStore({ path: join(pipeline.dataDir, 'profiles.db'), topic });
  }
  const { openRedisProfileStore } = await import('../../pipeline/profile/redis-store.ts');
  return openRedisProfileStore({
    settings: redis,
    topic,
    rules: persister.profileRules,
    retentionMs: pipeline.retention,
    diagnostics,
  });
}
