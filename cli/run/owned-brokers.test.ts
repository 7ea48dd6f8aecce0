import { expect, test } from 'vitest';
import { requireOwnedBrokers } from './owned-brokers.ts';

const kafka = { brokers: ['127.0.0.1:9092'] };
const saying =
  (...brokers: string[]) =>
  async () =>
    brokers;

test('brokers of this machine are written to, whatever is declared', async () => {
  await requireOwnedBrokers(kafka, false, saying('localhost:9092', '127.0.0.2:9093', '[::1]:9094'));
});

test('those that a broker of this machine sends its clients to are not, unless they are declared one’s own', async () => {
  const brokers = saying('127.0.0.1:9092', 'kafka-7.example:9092');
  await expect(requireOwnedBrokers(kafka, false, brokers)).rejects.toThrow(
    'kafka-7.example:9092 is not this machine',
  );
  await requireOwnedBrokers(kafka, true, brokers);
});
