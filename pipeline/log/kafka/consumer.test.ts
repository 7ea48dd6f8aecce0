import { expect, it } from 'vitest';
import { PROTOCOL } from './errors.ts';
import { openKafkaLog } from './kafka-log.ts';
import * as scripted from './testing/scripted-broker.ts';

const { API } = scripted;

it('asks who leads by another connection than the one on which it waits to join', async () => {
  const broker = await scripted.ScriptedBroker.listen();
  const { topic } = broker;
  broker.on(API.join, ({ answer }) => answer(scripted.joinAnswer()));
  broker.on(API.sync, ({ answer }) => answer(scripted.syncAnswer(topic, [0])));
  broker.on(API.listOffsets, ({ answer }) => answer(scripted.offsetsAnswer(topic)));
  broker.on(API.heartbeat, ({ answer }) => answer(scripted.heartbeatAnswer()));
  const log = openKafkaLog({ brokers: [broker.address], heartbeatMs: 10, drainTimeoutMs: 10 });
  log.consume({
    ...{ group: 'group', topic },

    handler: () => ({ claim: async () => 0, process: async () => {} }),
  });
  const [fetch] = await broker.asked(API.fetch);
  broker.on(API.join, () => {});
  broker.on(API.heartbeat, ({ answer }) => answer(scripted.heartbeatAnswer(PROTOCOL.rebalanceInProgress)));
  const [, joining] = await broker.asked(API.join, 2);
  const before = (await broker.asked(API.metadata)).length;
  fetch!.answer(scripted.fetchAnswer(topic, { error: PROTOCOL.notLeader }));
  const asked = (await broker.asked(API.metadata, before + 1))[before]!;
  expect(asked.socket).not.toBe(joining!.socket);
  broker.close();
  await log.close();
});
