import { expect, it } from 'vitest';
import { PROTOCOL } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { settle } from './options.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { Session } from './session.ts';
import {
  API,
  emptyFetchAnswer,
  fetchAnswer,
  fetchedPartitions,
  recordSet,
  ScriptedBroker,
} from './testing/scripted-broker.ts';

const LIMITS = { maxRecords: 500, maxBytes: 1 << 20 };

it('asks last for the partition that had something, so that large batches of the others come too', async () => {
  const broker = await ScriptedBroker.listen();
  const { topic, nodeId } = broker;
  broker.leaders = [nodeId, nodeId, nodeId];
  const session = new Session(settle({ brokers: [broker.address] }));
  const fetcher = new Fetcher(session, topic, () => {});
  for (const partition of [0, 1, 2]) {
    fetcher.add(new PartitionBuffer(topic, partition, 0, LIMITS, () => {}));
  }
  const [first] = await broker.asked(API.fetch);
  expect(fetchedPartitions(first!)).toEqual([0, 1, 2]);
  first!.answer(fetchAnswer(topic, { partition: 0, set: recordSet('x') }));
  const [, second] = await broker.asked(API.fetch, 2);
  expect(fetchedPartitions(second!)).toEqual([1, 2, 0]);
  second!.answer(emptyFetchAnswer());
  const [, , third] = await broker.asked(API.fetch, 3);
  expect(fetchedPartitions(third!)).toEqual([1, 2, 0]);
  fetcher.stop();
  session.close();
  broker.close();
});

it('tells of a leader that fails again and again, though another one answers', async () => {
  const [well, ill] = [await ScriptedBroker.listen(1), await ScriptedBroker.listen(2)];
  const { topic } = well;
  well.join(ill);
  well.leaders = [1, 2];
  const reported: unknown[] = [];
  const session = new Session(settle({ brokers: [well.address] }));
  const fetcher = new Fetcher(session, topic, (error) => reported.push(error));
  let answered = 0;
  well.on(API.fetch, ({ answer }) => {
    answered++;
    setImmediate(() => answer(emptyFetchAnswer()));
  });
  ill.on(API.fetch, async ({ answer }) => {
    // What it was asked after an answer says that this one has been taken note of.
    await well.asked(API.fetch, answered + 2);
    answer(fetchAnswer(topic, { partition: 1, error: PROTOCOL.kafkaStorageError }));
  });
  for (const partition of [0, 1]) fetcher.add(new PartitionBuffer(topic, partition, 0, LIMITS, () => {}));
  await ill.asked(API.fetch, 4);
  expect(reported).toHaveLength(2);
  fetcher.stop();
  session.close();
  well.close();
  ill.close();
});
