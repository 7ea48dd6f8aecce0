import { type Bug, withProcess } from './bug.ts';

/** A sink that commits the offset of a batch before it has written it. */
export const acknowledgeFirst: Bug = {
  log: (log) =>
    withProcess(log, async (batch, context, handler) => {
      await context.commitOffset(batch.nextOffset);
      const { topic, partition, partitions, signal } = context;
      await handler.process(batch, {
        ...{ topic, partition, partitions, signal },
        commitOffset: async () => {},
      });
    }),
};
