import { afterEach, beforeEach, expect, it } from 'vitest';
import { settle } from './options.ts';
import { fetchFrom } from './partition-fetch.ts';
import { Session } from './session.ts';
import { API, emptyFetchAnswer, heartbeatAnswer, ScriptedBroker } from './testing/scripted-broker.ts';

let broker: ScriptedBroker;
let session: Session;
beforeEach(async () => {
  broker = await ScriptedBroker.listen();
  session = new Session(settle({ brokers: [broker.address], requestTimeoutMs: 1_000 }));
});
afterEach(() => {
  session.close();
  broker.close();
});

const fetching = () => fetchFrom(session, broker.nodeId, [], { maxWaitMs: 1, maxBytes: 1 });
const beating = async () =>
  session.send(await session.node(broker.nodeId), 'Heartbeat', {
    groupId: 'group',
    groupGenerationId: 1,
    memberId: 'member',
  });

it('a connection for fetches that breaks leaves the other one to the broker alone, and waits for nothing on it', async () => {
  const beat = beating();
  const [heartbeat] = await broker.asked(API.heartbeat);
  broker.on(API.fetch, ({ socket }) => socket.end());
  await expect(fetching()).rejects.toThrow('Closed connection');
  broker.on(API.fetch, ({ answer }) => answer(emptyFetchAnswer()));
  expect(await fetching()).toEqual([]);
  heartbeat!.answer(heartbeatAnswer());
  await beat;
  expect(broker.sockets).toContain(heartbeat!.socket);
});

it('a connection on which an answer has not come in time is not used any more', async () => {
  await expect(beating()).rejects.toThrow('timed out');
  const [unanswered] = await broker.asked(API.heartbeat);
  broker.on(API.heartbeat, ({ answer }) => answer(heartbeatAnswer()));
  await beating();
  const [, answered] = await broker.asked(API.heartbeat, 2);
  expect(answered!.socket).not.toBe(unanswered!.socket);
});
