import { ClickproofError } from '../contracts/errors.ts';
import { lagBetween } from '../log/lag.ts';
import type { EventLog, PartitionContext, PartitionHandler } from '../log/port.ts';
import type { ProfileStore } from '../profile/store.ts';

/**
 * Told of every call of a port, before and after it: `persister.commit:before`. It may throw, wait for ever, or kill the process.
 * Faults come in here, at the ports; stages know nothing of them.
 */
export type FailPoint = (point: string) => void | Promise<void>;

/** Points: `<stage>.claim`, `.commit`, `.commit-offset`, `.committed`, `.ends`, each `:before` and `:after`. */
export function failingLog(log: EventLog, stage: string, fail: FailPoint): EventLog {
  const at = around(stage, fail);
  return {
    kind: log.kind,
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitions: (topic) => log.partitions(topic),
    ends: (topic) => at('ends', () => log.ends(topic)),
    committed: (group, topic) => at('committed', () => log.committed(group, topic)),
    claim: (transactionalId) =>
      at('claim', async () => {
        const producer = await log.claim(transactionalId);
        return {
          transactionalId,
          commit: (transaction) => at('commit', () => producer.commit(transaction)),
          close: () => producer.close(),
        };
      }),
    consume: (options) =>
      log.consume({
        ...options,
        handler: (partition) => failingOffsets(options.handler(partition), at),
      }),
    read: (from) => log.read(from),
    lagBetween: (range) => lagBetween(log, range),
    close: () => log.close(),
  };
}

/** Points: `<stage>.store-claim`, `.read`, `.apply`, `.clear`, each `:before` and `:after`. */
export function failingStore(store: ProfileStore, stage: string, fail: FailPoint): ProfileStore {
  const at = around(stage, fail);
  return {
    kind: store.kind,
    claim: (partition) => at('store-claim', () => store.claim(partition)),
    ...(store.describe && { describe: (partition: number) => store.describe!(partition) }),
    read: (...call) => at('read', () => store.read(...call)),
    apply: (...call) => at('apply', () => store.apply(...call)),
    clear: (partition) => at('clear', () => store.clear(partition)),
    close: () => store.close(),
  };
}

function failingOffsets(handler: PartitionHandler, at: ReturnType<typeof around>): PartitionHandler {
  return {
    claim: (context) => handler.claim(context),
    process(batch, context) {
      const { topic, partition, partitions, signal } = context;
      const failing: PartitionContext = {
        topic,
        partition,
        partitions,
        signal,
        commitOffset: (offset) => at('commit-offset', () => context.commitOffset(offset)),
      };
      return handler.process(batch, failing);
    },
    release: async () => handler.release?.(),
  };
}

function around(stage: string, fail: FailPoint) {
  return async <T>(call: string, run: () => Promise<T>): Promise<T> => {
    await fail(`${stage}.${call}:before`);
    const result = await run();
    await fail(`${stage}.${call}:after`);
    return result;
  };
}

const SYNTAX = /^([a-z-]+\.[a-z-]+:(?:before|after))(?:@(\d+))?(?:=(kill|stop|throw))?$/;

/**
 * A fail point as text, for the process under test: `persister.commit:after@3=kill` kills the process the third time that the
 * persister has committed. Without a count the first time, without an action `kill`; `stop` is SIGSTOP: it stands still there, and may
 * go on later as a zombie.
 */
export function parseFailPoint(text: string): FailPoint {
  const match = SYNTAX.exec(text);
  if (!match) {
    throw new ClickproofError('USAGE', `"${text}" is no fail point`, {
      remedy: 'write it like persister.commit:after@3=kill',
    });
  }
  const [, point, count = '1', action = 'kill'] = match;
  let left = Number(count);
  return (reached) => {
    if (reached !== point || --left !== 0) return;
    if (action === 'stop') {
      process.kill(process.pid, 'SIGSTOP');
      return;
    }
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    throw new Error(`fail point ${point}`);
  };
}
