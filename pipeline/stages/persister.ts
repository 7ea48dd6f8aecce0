import { ProfileFold } from '../profile/fold.ts';
import type { FoldCounts } from '../profile/partition-fold.ts';
import { rulesHash } from '../profile/rules.ts';
import type { ProfileStore } from '../profile/store.ts';
import { PersisterHandler } from './persister-handler.ts';
import type { PersisterSettings } from './settings.ts';
import { type RunningWorker, startWorker, type WorkerDependencies } from './worker.ts';
import type { WorkerStats } from './worker-stats.ts';

export interface PersisterDependencies extends WorkerDependencies {
  /** The store of the input topic's profiles. Shared, not owned. */
  readonly profiles: ProfileStore;
}

export interface PersisterStats extends WorkerStats {
  /**
   * Counted since the beginning of the log, over the partitions held: exact, as the counts are folded and stored with the profiles.
   */
  readonly folded: FoldCounts;
}

/**
 * Runs the profile stage: `tracking_flattened` to `tracking_persisted`, every event once, with the visitor's profile.
 *
 * @throws ClickproofError TOPIC_MISSING
 */
export async function startPersister(
  settings: PersisterSettings,
  dependencies: PersisterDependencies,
): Promise<RunningWorker<PersisterStats>> {
  const { topics, groups, profiles, diagnostics } = dependencies;
  const { profileRules, visitorWindow, partitionWindow, dedupeHorizon, onRulesChanged } = settings;
  const description = {
    stage: 'persister',
    group: groups.persister,
    input: topics.flattened,
    output: topics.persisted,
    failed: topics.failed,
  };
  const fold = new ProfileFold(profileRules);
  const held = new Set<PersisterHandler>();
  const worker = await startWorker(description, settings, dependencies, (partition, parts) => {
    const handler: PersisterHandler = new PersisterHandler({
      worker: parts.partitionWorker(partition),
      records: parts.records,
      counters: parts.counters,
      store: profiles,
      fold,
      rulesHash: rulesHash(profileRules, visitorWindow, partitionWindow),
      limits: { visitorWindow, partitionWindow, horizonMs: dedupeHorizon },
      onRulesChanged,
      diagnostics,
      onRelease: () => held.delete(handler),
    });
    held.add(handler);
    return handler;
  });
  return {
    ...worker,
    stats: () => ({ ...worker.stats(), folded: total([...held].map((one) => one.counts())) }),
  };
}

function total(all: readonly (FoldCounts | undefined)[]): FoldCounts {
  const sum: FoldCounts = { events: 0, repeats: 0, retries: 0, collisions: 0, recentEvictions: 0 };
  for (const counts of all) {
    if (!counts) continue;
    for (const name of Object.keys(sum) as (keyof FoldCounts)[]) sum[name] += counts[name];
  }
  return sum;
}
