import { join } from 'node:path';
import { parseJson } from '../../pipeline/contracts/json.ts';
import type { FailedMessage, FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import { eventKey, isContent, isRouted, viewEvent } from '../readers/event-view.ts';
import { failureKey } from '../readers/failure-view.ts';
import { flatOfFlattened, flatOfProcessed } from '../readers/flat-view.ts';
import type { SeenRecord, TopicReader } from '../readers/topic-reader.ts';
import { Buckets } from './buckets.ts';
import { Comparison, type Finding, type HopCount, type HopRule } from './compare.ts';
import { contentOf } from './content.ts';
import type { Sent } from './ledger-join.ts';
import { OrderCheck } from './order.ts';
import type { ProfileCheck } from './profile-check.ts';
import type { Row } from './rows.ts';

/** Rows of a store behind the topics, as flattened fields. */
export interface SinkReader {
  readonly name: string;
  /** What queries see: each event once. */
  events(): AsyncIterable<{ readonly flat: FlatMessage; readonly where: string }>;
}

export interface EventHop extends HopCount {
  misrouted: number;
  outOfOrder: number;
}

export interface EventCheck {
  readonly hops: readonly EventHop[];
  readonly findings: readonly Finding[];
}

interface Options {
  readonly sent: AsyncIterable<Sent>;
  readonly mark: string;
  readonly events: number;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  readonly sinks: readonly SinkReader[];
  readonly folder: string;
  /** Unanswered requests that reached the raw topic, by digest: they must go on from there. */
  readonly arrived: ReadonlyMap<string, number>;
  readonly byRequestId: ReadonlyMap<string, string>;
  readonly profiles?: ProfileCheck;
  readonly onHop?: (hop: string) => void;
}

/** Follows every event from the parser's output to the sinks, and every failure to the topic for failures. */
export async function checkEvents(options: Options): Promise<EventCheck> {
  const { names, sinks, topics, mark, folder } = options;
  const stages = [names.processed, names.flattened, names.persisted];
  const rules: HopRule[] = [
    { name: names.processed, multiplicity: 'each' },
    { name: names.flattened, multiplicity: 'each' },
    { name: names.persisted, multiplicity: 'once' },
    ...sinks.map(({ name }): HopRule => ({ name, multiplicity: 'once' })),
  ];
  const events = new Comparison(rules);
  const failures = new Comparison([{ name: names.failed, multiplicity: 'each' }]);
  const extra = rules.map(() => ({ misrouted: 0, outOfOrder: 0 }));
  const findings: Finding[] = [];
  const eventRows = await Buckets.create(join(folder, 'events'), options.events * (rules.length + 1));
  const failureRows = await Buckets.create(join(folder, 'failures'), options.events);
  try {
    await addExpected(options, eventRows, failureRows);
    for (const [hop, topic] of stages.entries()) {
      options.onHop?.(topic);
      const order = new OrderCheck();
      const partitions = topics.partitions(topic);
      for await (const record of topics.records(topic)) {
        const flat = (hop === 0 ? flatOfProcessed : flatOfFlattened)(String(record.value));
        const view = viewEvent(flat, mark, options.byRequestId);
        const where = place(topic, record);
        if (!isRouted(view, record.key, record.partition, partitions)) {
          extra[hop]!.misrouted += 1;
          sample(findings, { kind: 'misrouted', hop: topic, key: view.key, where });
        }
        if (!order.inOrder(view.visitor, view.origin)) {
          extra[hop]!.outOfOrder += 1;
          sample(findings, { kind: 'disordered', hop: topic, key: view.key, where });
        }
        if (topic === names.flattened) options.profiles?.add(view, flat);
        if (topic === names.persisted) options.profiles?.see(view, flat);
        await eventRows.add(view.key, observed(hop, view, where));
      }
    }
    for (const [i, sink] of sinks.entries()) {
      options.onHop?.(sink.name);
      for await (const { flat, where } of sink.events()) {
        const view = viewEvent(flat, mark, options.byRequestId);
        await eventRows.add(view.key, observed(stages.length + i, view, where));
      }
    }
    options.onHop?.(names.failed);
    for await (const record of topics.records(names.failed)) {
      const message = parseJson(String(record.value)) as unknown as FailedMessage;
      const { key, marked } = failureKey(message, mark, options.byRequestId);
      const where = place(names.failed, record);
      await failureRows.add(key, { observed: { hop: 0, key, content: '', fields: null, where, marked } });
    }
    for await (const rows of eventRows.drain()) events.add(rows);
    for await (const rows of failureRows.drain()) failures.add(rows);
  } finally {
    await eventRows.remove();
    await failureRows.remove();
  }
  const hops = events.counts.map((count, i) => ({ ...count, ...extra[i]! }));
  return {
    hops: [
      hops[0]!,
      ...failures.counts.map((count) => ({ ...count, misrouted: 0, outOfOrder: 0 })),
      ...hops.slice(1),
    ],
    findings: [...events.findings, ...failures.findings, ...findings],
  };
}

async function addExpected(options: Options, events: Buckets, failures: Buckets): Promise<void> {
  // Unanswered requests are settled last: of those that reached the raw topic, the answered ones come off first.
  const arrived = new Map(options.arrived);
  const unanswered: Sent[] = [];
  for await (const sent of options.sent) {
    const { intent, outcome } = sent;
    if (outcome === 'refused' || (intent.expect !== 'processed' && intent.expect !== 'failed')) continue;
    if (outcome === 'unknown') {
      unanswered.push(sent);
      continue;
    }
    take(arrived, intent.digest);
    await addSent(sent, events, failures);
  }
  for (const sent of unanswered) {
    if (take(arrived, sent.intent.digest)) await addSent(sent, events, failures);
  }
}

/** Takes one off a count; false where there is none left. */
function take(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  if (left > 0) counts.set(key, left - 1);
  return left > 0;
}

async function addSent({ intent, answer }: Sent, events: Buckets, failures: Buckets): Promise<void> {
  for (const event of intent.events) {
    if (event.expect === 'failed') {
      const key = eventKey(intent.digest, event.index);
      await failures.add(key, { expected: { key, stated: null, group: '', answer: 'acknowledged' } });
      continue;
    }
    const key = event.id ?? eventKey(intent.digest, event.index);
    const fields = { ...event.fields };
    if (fields['event-network_userid'] === undefined && answer?.networkUserId) {
      fields['event-network_userid'] = answer.networkUserId;
    }
    const group = String(fields['event-event_fingerprint'] ?? '');
    await events.add(key, {
      expected: { key, stated: contentOf(fields, isContent).fields, group, answer: 'acknowledged' },
    });
  }
}

function observed(hop: number, view: ReturnType<typeof viewEvent>, where: string): Row {
  const { key, content, marked } = view;
  return {
    observed: { hop, key, content: content.whole, fields: hop === 0 ? content.fields : null, where, marked },
  };
}

const place = (topic: string, record: SeenRecord): string => `${topic} ${record.partition}@${record.offset}`;

const MOST_SAMPLES = 40;

function sample(findings: Finding[], finding: Finding): void {
  if (findings.length < MOST_SAMPLES) findings.push(finding);
}
