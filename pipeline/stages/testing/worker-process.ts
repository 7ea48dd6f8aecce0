/**
 * A process with the flattener and the persister in it, to be killed: `worker-process.ts DIRECTORY [FAIL_POINT]`. Runs until it is.
 */
import { join } from 'node:path';
import { silent } from '../../contracts/running.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../contracts/topics.ts';
import { openEmbeddedLog } from '../../log/index.ts';
import { openEmbeddedProfileStore } from '../../profile/embedded-store.ts';
import { type FailPoint, failingLog, failingStore, parseFailPoint } from '../failpoints.ts';
import { startFlattener } from '../flattener.ts';
import { startPersister } from '../persister.ts';
import { flattenerSettings, persisterSettings } from '../settings.ts';

const [directory, point] = process.argv.slice(2);
const fail: FailPoint = point ? parseFailPoint(point) : () => {};
const log = openEmbeddedLog({ path: join(directory!, 'events.db') });
const store = openEmbeddedProfileStore({
  path: join(directory!, 'profiles.db'),
  topic: DEFAULT_TOPICS.flattened,
});

const common = { topics: DEFAULT_TOPICS, groups: DEFAULT_GROUPS, diagnostics: silent };
const small = { batchRecords: 7, linger: 0 };
const workers = await Promise.all([
  startFlattener(flattenerSettings.parse(small), { ...common, log: failingLog(log, 'flattener', fail) }),
  startPersister(persisterSettings.parse(small), {
    ...common,
    log: failingLog(log, 'persister', fail),
    profiles: failingStore(store, 'persister', fail),
  }),
]);
await Promise.race(workers.map(({ done }) => done));
