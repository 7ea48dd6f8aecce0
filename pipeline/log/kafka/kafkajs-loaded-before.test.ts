import { createRequire } from 'node:module';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

type Frame = (framed: object) => Promise<{ buffer: Buffer }>;

// As in a process in which somebody else has used kafkajs first.
const framedByKafkajs = require('kafkajs/src/protocol/request') as Frame;

it('a request to produce is framed by kafkajs itself, too, where that was loaded before', async () => {
  await import('./kafkajs.ts');
  const framedHere = require('kafkajs/src/protocol/request') as Frame;
  expect(framedHere).not.toBe(framedByKafkajs);
  const produce = require('kafkajs/src/protocol/requests/produce/v3/request') as (fields: object) => object;
  const messages = [{ key: null, value: Buffer.from('value'), timestamp: '1' }];
  const request = produce({
    ...{ acks: -1, timeout: 1_000, producerId: '1', producerEpoch: 0, transactionalId: 'id' },
    topicData: [{ topic: 'topic', partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  });
  const framed = { correlationId: 1, clientId: 'client', request };
  expect((await framedByKafkajs(framed)).buffer).toEqual((await framedHere(framed)).buffer);
});
