import { join } from 'node:path';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import { type EventView, eventContent, eventKey, isRouted, viewEvent } from '../readers/event-view.ts';
import { flatOfFlattened, flatOfProcessed } from '../readers/flat-view.ts';
import { recordPlace, type TopicReader } from '../readers/topic-reader.ts';
import { lineContent } from './access-line.ts';
import type { Arrived } from './arrivals.ts';
import type { HopRule } from './bounds.ts';
import { Buckets } from './buckets.ts';
import type { Failures } from './check-failures.ts';
import { Comparison, type Finding, type HopCount } from './compare.ts';
import { OrderCheck } from './order.ts';
import type { ProfileCheck } from './profile-check.ts';
import { decodeRow, encodeRow } from './rows.ts';
import { Samples } from './samples.ts';
import { whyUnreadable } from './why-unreadable.ts';

/** Rows of a store behind the topics, as flattened fields. */
export interface SinkReader {
  readonly name: string;
  /** What queries see: each event once. */
  events(): AsyncIterable<{ readonly flat: FlatMessage; readonly where: string }>;
}

export interface EventHop extends HopCount {
  readonly misrouted: number;
  readonly outOfOrder: number;
  /** False where it could not be read. */
  readonly read: boolean;
  /** A sentence why not. */
  readonly unreadable?: string;
}

export interface EventCheck {
  /** The topics from `tracking_processed` on, then the sinks. */
  readonly hops: readonly EventHop[];
  readonly findings: readonly Finding[];
  /** How many events were expected, those that fail among them. */
  readonly expected: number;
}

interface Options {
  readonly arrived: AsyncIterable<Arrived>;
  readonly mark: string;
  /** How many events there are, roughly. */
  readonly events: number;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  readonly sinks: readonly SinkReader[];
  readonly folder: string;
  readonly byRequestId: ReadonlyMap<string, string>;
  /** Takes what is expected to fail. */
  readonly failures: Failures;
  readonly profiles: ProfileCheck | undefined;
  readonly onHop?: ((hop: string) => void) | undefined;
}

/** Follows every event from the parser's output to the sinks. */
export async function checkEvents(options: Options): Promise<EventCheck> {
  const { names, sinks, onHop } = options;
  const topics = [names.processed, names.flattened, names.persisted];
  const rows = await Buckets.create(
    join(options.folder, 'events'),
    options.events * (topics.length + sinks.length + 1),
  );
  try {
    const expected = await addExpected(options, rows);
    const look = new TopicLook(options, rows);
    for (const [hop, topic] of topics.entries()) {
      onHop?.(topic);
      await look.read(hop, topic);
    }
    const unreadable: (string | undefined)[] = [];
    for (const [i, sink] of sinks.entries()) {
      onHop?.(sink.name);
      unreadable.push(await addSink(options, rows, topics.length + i, sink));
    }
    const comparison = new Comparison([
      { name: names.processed, multiplicity: 'each' },
      { name: names.flattened, multiplicity: 'each' },
      { name: names.persisted, multiplicity: 'once' },
      ...sinks.map(({ name }, i): HopRule => {
        const read = unreadable[i] === undefined;
        return { name, multiplicity: 'once', after: 2, read };
      }),
    ]);
    for await (const lines of rows.drain()) comparison.add(lines.map(decodeRow));
    const hops = comparison.counts.map((count, hop) => {
      const why = unreadable[hop - topics.length];
      return {
        ...count,
        misrouted: look.misrouted[hop]?.count ?? 0,
        outOfOrder: look.disordered[hop]?.count ?? 0,
        read: why === undefined,
        ...(why !== undefined && { unreadable: why }),
      };
    });
    const samples = [...look.misrouted, ...look.disordered].flatMap((one) => one.samples);
    return { hops, findings: [...comparison.findings, ...samples], expected };
  } finally {
    await rows.remove();
  }
}

async function addExpected({ arrived, failures }: Options, rows: Buckets): Promise<number> {
  let expected = 0;
  for await (const { digest, events, networkUserId } of arrived) {
    expected += events.length;
    for (const event of events) {
      if (event.expect === 'failed') {
        await failures.expect(eventKey(digest, event.index));
        continue;
      }
      const key = event.id ?? eventKey(digest, event.index);
      const fields = { ...event.fields };
      if (fields['event-network_userid'] === undefined && networkUserId !== undefined) {
        fields['event-network_userid'] = networkUserId;
      }
      const group = String(fields['event-event_fingerprint'] ?? '');
      const stated = eventContent(fields, event.id).fields;
      const nameless = event.id === null && { nameless: true };
      await rows.add(
        key,
        encodeRow({ expected: { key, stated, group, answer: 'acknowledged', ...nameless } }),
      );
    }
  }
  return expected;
}

/** Reads the topics of events: what each shows, in which partition and in which order. */
class TopicLook {
  readonly misrouted: Samples[] = [];
  readonly disordered: Samples[] = [];
  readonly #options: Options;
  readonly #rows: Buckets;
  readonly #order = new OrderCheck();
  /** Keys of records that stood in the wrong partition, or under the wrong key, at some hop. */
  readonly #strayed = new Set<string>();

  constructor(options: Options, rows: Buckets) {
    this.#options = options;
    this.#rows = rows;
  }

  async read(hop: number, topic: string): Promise<void> {
    const { topics, names, failures, profiles } = this.#options;
    const misrouted = new Samples('misrouted', topic);
    const disordered = new Samples('disordered', topic);
    this.misrouted.push(misrouted);
    this.disordered.push(disordered);
    this.#order.nextHop();
    const before = new Set(this.#strayed);
    const partitions = topics.partitions(topic);
    for await (const record of topics.records(topic)) {
      const where = recordPlace(topic, record);
      const text = String(record.value);
      const flat = flatOf(hop, text);
      if (flat === undefined) {
        // Whoever reads it next must set it aside; of what reads the last topic, not everything keeps failures.
        await failures.expect(where, topic === names.persisted ? 'unknown' : 'acknowledged');
        await this.#rows.add(where, encodeRow(unreadable(hop, where, text, this.#options.mark)));
        continue;
      }
      const view = viewEvent(flat, this.#options.mark, this.#options.byRequestId);
      if (!isRouted(view, record.key, record.partition, partitions)) {
        if (this.#strayed.size < MOST_REMEMBERED) this.#strayed.add(view.key);
        // A record under the wrong key goes on under it.
        const handedOn =
          before.has(view.key) &&
          isRouted({ visitor: String(record.key) }, record.key, record.partition, partitions);
        if (!handedOn) misrouted.add(view.key, where);
      } else if (
        !before.has(view.key) &&
        !this.#order.inOrder(record.partition, view.visitor, view.key, view.origin)
      ) {
        disordered.add(view.key, where);
      }
      if (hop === 1) await profiles?.add(view, flat, record);
      if (hop === 2) await profiles?.see(view, flat, record);
      await this.#rows.add(view.key, observed(hop, view, where));
    }
  }
}

const MOST_REMEMBERED = 100_000;

/** Undefined where the record is no message of its topic. */
function flatOf(hop: number, text: string): FlatMessage | undefined {
  try {
    return (hop === 0 ? flatOfProcessed : flatOfFlattened)(text);
  } catch {
    return undefined;
  }
}

/** Says why where the sink cannot be read. */
function addSink(
  { mark, byRequestId }: Options,
  rows: Buckets,
  hop: number,
  sink: SinkReader,
): Promise<string | undefined> {
  return whyUnreadable(async () => {
    for await (const { flat, where } of sink.events()) {
      const view = viewEvent(flat, mark, byRequestId);
      await rows.add(view.key, observed(hop, view, where));
    }
  });
}

function observed(
  hop: number,
  { key, fingerprint, content, marked, origin }: EventView,
  where: string,
): string {
  const common = { hop, key, content: content.whole, where, marked };
  const observed =
    hop === 0
      ? { ...common, group: fingerprint, fields: content.fields, leads: origin.index === 0 }
      : { ...common, group: '', fields: null };
  return encodeRow({ observed });
}

function unreadable(hop: number, where: string, text: string, mark: string) {
  const content = lineContent(text);
  const marked = text.includes(mark);
  return { observed: { hop, key: where, group: '', content, fields: null, where, marked } };
}
