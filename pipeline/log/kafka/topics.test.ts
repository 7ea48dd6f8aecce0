import { expect, it } from 'vitest';
import { codeOf } from '../contract/fixture.contract.ts';
import { settle } from './options.ts';
import { API, ScriptedBroker } from './testing/scripted-broker.ts';
import { Topics } from './topics.ts';

it.each([0, 1, 2, 3])(
  'a topic without leader is not missing, whenever it is noticed: after %i answers',
  async (before) => {
    const broker = await ScriptedBroker.listen();
    let answers = 0;
    broker.on(API.metadata, ({ answer }) => {
      if (answers++ === before) broker.leaders = [-1];
      answer(broker.metadata());
    });
    const topics = new Topics(settle({ brokers: [broker.address], requestTimeoutMs: 500 }));
    expect(await codeOf(topics.limits(broker.topic))).toBe('KAFKA_ERROR');
    expect(answers).toBeGreaterThan(before);
    topics.close();
    broker.close();
  },
);
