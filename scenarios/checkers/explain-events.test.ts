import { expect, it } from 'vitest';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { Intent } from '../../simulator/ledger/records.ts';
import type { SeenRecord } from '../readers/topic-reader.ts';
import type { SinkReader } from './check-events.ts';
import { differences } from './differences.ts';
import { explainEvents } from './explain-events.ts';
import type { Sent } from './ledger-join.ts';

const ID = 'c6ef3124-b53a-4b13-a233-0088f79dcbcb';
const { processed, flattened, persisted } = DEFAULT_TOPICS;

/** Four hops that each show one event, by what it differs in; every look at a hop is noted. */
function sources(shown: Record<string, FlatMessage>, sentFields: FlatMessage) {
  const looked: string[] = [];
  const whole = (more: FlatMessage): FlatMessage => ({ 'query-eid': ID, 'event-event_id': ID, ...more });
  const textOf = (topic: string): string => {
    const fields = whole(shown[topic] ?? {});
    if (topic !== processed) return JSON.stringify(fields);
    const namespaces: Record<string, object[]> = {};
    for (const [name, value] of Object.entries(fields)) {
      const [namespace, rest] = name.split('-') as [string, string];
      namespaces[namespace] ??= [];
      namespaces[namespace].push({ name: rest, value });
    }
    return JSON.stringify(namespaces);
  };
  const sink: SinkReader = {
    name: 'ClickHouse',
    async *events() {
      yield { flat: whole(shown.ClickHouse ?? {}), where: 'a row' };
    },
  };
  return {
    looked,
    sent: async function* () {
      yield {
        intent: { digest: 'd', events: [{ id: ID, index: 0, fields: sentFields }] } as unknown as Intent,
      } as Sent;
    },
    topics: {
      partitions: () => 1,
      *records(topic: string): Generator<SeenRecord> {
        looked.push(topic);
        const record = { partition: 0, offset: 3, timestamp: 0, key: null };
        yield { ...record, offset: 2, value: Buffer.from('nobody can read this') };
        yield { ...record, value: Buffer.from(textOf(topic)) };
      },
      close() {},
    },
    names: DEFAULT_TOPICS,
    sinks: [sink],
    mark: '',
    byRequestId: new Map<string, string>(),
  };
}

const corrupted = (hop: string, where = `${hop} 0@3`) => ({
  kind: 'corrupted' as const,
  hop,
  key: ID,
  where,
});

it('names the fields of an altered event as they were at the hop before', async () => {
  const shown = {
    [processed]: { 'event-page_title': 'a', 'event-more': 1 },
    [flattened]: { 'event-page_title': 'b', 'event-more': 1 },
    [persisted]: { 'event-page_title': 'b', 'event-added': true, 'profile-visits': 1 },
    ClickHouse: { 'event-page_title': 'b' },
  };
  const findings = [processed, flattened, persisted].map((hop) => corrupted(hop));
  const explained = await explainEvents(
    [...findings, corrupted('ClickHouse', 'a row')],
    sources(shown, { 'event-page_title': 'A' }),
  );
  expect(explained.map(({ fields }) => fields)).toEqual([
    // What was sent does not state everything.
    [{ name: 'event-page_title', expected: 'A', seen: 'a' }],
    [{ name: 'event-page_title', expected: 'a', seen: 'b' }],
    [
      { name: 'event-more', expected: 1, seen: null },
      { name: 'event-added', expected: null, seen: true },
    ],
    [{ name: 'event-added', expected: true, seen: null }],
  ]);
});

it('reads nothing again where nothing was altered', async () => {
  const from = sources({}, {});
  const lost = { kind: 'lost' as const, hop: flattened, key: ID, where: 'somewhere' };
  expect(await explainEvents([lost], from)).toEqual([lost]);
  expect(from.looked).toEqual([]);
});

it('lists eight differences at most, each as JSON can hold it', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`event-${i}`, i]));
  expect(differences(many, {})).toHaveLength(8);
  const [big, long, list] = differences(
    { a: 12345678901234567890n, b: 'x'.repeat(1_000), c: [1n, null] },
    {},
  );
  expect(big?.expected).toBe('12345678901234567890');
  expect(String(long?.expected)).toHaveLength(501);
  expect(list?.expected).toEqual(['1', null]);
  expect(differences({ a: ['x', 1] }, { a: ['x', 1] })).toEqual([]);
  expect(differences({ a: ['1', '2'] }, { a: ['1,2'] })).toHaveLength(1);
});
