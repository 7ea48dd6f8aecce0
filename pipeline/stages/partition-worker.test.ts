import { expect, it } from 'vitest';
import { ClickproofError } from '../contracts/errors.ts';
import { silent } from '../contracts/running.ts';
import type { PartitionContext } from '../log/port.ts';
import { OutRecords } from './out-records.ts';
import { PartitionWorker } from './partition-worker.ts';
import { MemoryLog } from './testing/memory-log.ts';
import { WorkerCounters } from './worker-stats.ts';

const PLACE = { group: 'g', topic: 'in', partition: 0 };

/** A log with six offsets to read, two members of its group, and which of them the group has given the partition. */
function twoMembers() {
  const log = new MemoryLog({ in: 1, failed: 1 });
  const record = { key: null, value: Buffer.from('x'), timestamp: 0 };
  log.append('in', 0, [record, record, record, record, record]);
  const group = { owner: 'first' };
  const member = (name: string) => {
    const failed = { name: 'failed', partitions: 1 };
    const worker = new PartitionWorker({
      log,
      place: PLACE,
      records: new OutRecords('s', failed, failed, 1 << 20),
      counters: new WorkerCounters(),
      acceptLoss: false,
      diagnostics: silent,
    });
    const context: PartitionContext = {
      topic: 'in',
      partition: 0,
      partitions: 1,
      signal: new AbortController().signal,
      commitOffset: async (offset) => {
        if (group.owner !== name) throw new ClickproofError('FENCED', name);
        log.setOffset('g', 'in', 0, offset);
      },
    };
    return { worker, context };
  };
  return { log, group, first: member('first'), second: member('second') };
}

const parked = { topic: 'failed', partition: 0, key: null, value: Buffer.from('parked'), timestamp: 0 };

it('a member that has lost its partition does not get past its claim, so that it parks nothing its successor parks again', async () => {
  const { log, group, first, second } = twoMembers();
  group.owner = 'second';
  expect((await second.worker.claimAsMember(second.context)).start).toBe(0);
  await expect(first.worker.claimAsMember(first.context)).rejects.toMatchObject({ code: 'FENCED' });
  await second.context.commitOffset(2);
  // The claim of the other has fenced it all the same: it claims again, and parks once.
  await expect(second.worker.commit([parked], 3, second.context)).rejects.toMatchObject({ code: 'FENCED' });
  expect((await second.worker.claimAsMember(second.context)).start).toBe(2);
  await second.worker.commit([parked], 3, second.context);
  expect(log.records('failed')[0]).toHaveLength(1);
  expect(log.offset('g', 'in', 0)).toBe(3);
});

it('a member that loses its partition after its claim is fenced by the claim of the next one', async () => {
  const { log, group, first, second } = twoMembers();
  await first.worker.claimAsMember(first.context);
  group.owner = 'second';
  await second.worker.claimAsMember(second.context);
  await expect(first.worker.commit([parked], 3, first.context)).rejects.toMatchObject({ code: 'FENCED' });
  await expect(first.context.commitOffset(3)).rejects.toMatchObject({ code: 'FENCED' });
  expect(log.records('failed')[0]).toEqual([]);
});
