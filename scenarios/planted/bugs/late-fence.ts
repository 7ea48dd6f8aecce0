import type { TransactionalProducer } from '../../../pipeline/log/port.ts';
import { type Bug, withCalls } from './bug.ts';

/** Claims the transactional id when there is something to commit, which is after the offset was read. */
export const lateFence: Bug = {
  log: (log) =>
    withCalls(log, {
      async claim(transactionalId) {
        let claimed: Promise<TransactionalProducer> | undefined;
        return {
          transactionalId,
          async commit(transaction) {
            claimed ??= log.claim(transactionalId);
            await (await claimed).commit(transaction);
          },
          close: async () => (await claimed)?.close(),
        };
      },
    }),
};
