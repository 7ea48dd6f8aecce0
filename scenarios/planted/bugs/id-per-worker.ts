import type { TransactionalProducer } from '../../../pipeline/log/port.ts';
import { type Bug, type Transaction, withCalls } from './bug.ts';

/** One producer, and one transactional id, for all partitions that a process has; one transaction at a time. */
export const idPerWorker: Bug = {
  log(log) {
    const id = `worker:${process.pid}`;
    let shared: Promise<TransactionalProducer> | undefined;
    let last: Promise<unknown> = Promise.resolve();
    const commit = async (transaction: Transaction) => {
      shared ??= log.claim(id);
      try {
        await (await shared).commit(transaction);
      } catch (error) {
        shared = undefined;
        throw error;
      }
    };
    return withCalls(log, {
      claim: async () => ({
        transactionalId: id,
        commit(transaction) {
          const committed = last.then(() => commit(transaction));
          last = committed.catch(() => {});
          return committed;
        },
        close: async () => {},
      }),
    });
  },
};
