import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './subscription.ts';

/** kafkajs's reading of the same bytes, for what Kafka's tools make of them. */
const { MemberMetadata, MemberAssignment } = createRequire(import.meta.url)(
  'kafkajs/src/consumer/assignerProtocol',
) as {
  MemberMetadata: { decode(bytes: Buffer): { topics: string[] }; encode(metadata: object): Buffer };
  MemberAssignment: { decode(bytes: Buffer): { assignment: Record<string, number[]> } };
};

const partitions = fc.uniqueArray(fc.nat(1_000), { maxLength: 20 });
const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,40}$/).filter((name) => name !== '__proto__');

it('says what a member wants and holds, and what it gets, as the consumer protocol does', () => {
  fc.assert(
    fc.property(topic, partitions, (name, numbers) => {
      const subscription = encodeSubscription({ topic: name, owned: numbers });
      expect(decodeSubscription(subscription)).toEqual({ topic: name, owned: numbers });
      expect(MemberMetadata.decode(subscription).topics).toEqual([name]);
      const assignment = encodeAssignment(name, numbers);
      expect(decodeAssignment(assignment, name)).toEqual(numbers);
      expect(decodeAssignment(assignment, `${name}-other`)).toEqual([]);
      expect(MemberAssignment.decode(assignment).assignment[name]).toEqual(numbers);
    }),
  );
});

it('is given nothing by an empty assignment, and does not take another client for one of its own', () => {
  expect(decodeAssignment(Buffer.alloc(0), 'topic')).toEqual([]);
  expect(() => decodeSubscription(MemberMetadata.encode({ version: 0, topics: ['topic'] }))).toThrow(
    RangeError,
  );
  expect(() => decodeSubscription(Buffer.from([0]))).toThrow(RangeError);
});
