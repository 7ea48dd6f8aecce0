import type { ControlledStack } from '../../../containers/controlled-stack.ts';
import type { ProfileSnapshots } from './profile-snapshots.ts';
import { RedisSnapshots } from './redis-snapshots.ts';
import { SqliteSnapshots } from './sqlite-snapshots.ts';

/** @throws Error the stack's profiles cannot be reached */
export function openSnapshots({ profiles, topics }: ControlledStack): ProfileSnapshots {
  if (profiles?.kind === 'redis') return new RedisSnapshots(profiles.url);
  if (profiles?.kind === 'sqlite') return new SqliteSnapshots(profiles.path, topics.flattened);
  throw new Error('where the profiles are is not known');
}
