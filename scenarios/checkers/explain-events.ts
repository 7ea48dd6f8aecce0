import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { FindingResult } from '../../reports/result.ts';
import { eventKey, viewEvent } from '../readers/event-view.ts';
import { flatOfFlattened, flatOfProcessed } from '../readers/flat-view.ts';
import { recordPlace, type TopicReader } from '../readers/topic-reader.ts';
import type { SinkReader } from './check-events.ts';
import type { Finding } from './compare.ts';
import { differences } from './differences.ts';
import type { Sent } from './ledger-join.ts';

interface Sources {
  readonly sent: () => AsyncIterable<Sent>;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  readonly sinks: readonly SinkReader[];
  readonly mark: string;
  readonly byRequestId: ReadonlyMap<string, string>;
}

/** An event as some hop shows it. */
interface Reading {
  readonly where: string;
  readonly flat: FlatMessage;
}

/**
 * Names the fields in which the sampled altered events differ: from what was sent at the first hop, from the hop before at a
 * later one. Reads the hops again, for the few sampled events only; nothing altered, nothing read.
 */
export async function explainEvents(
  findings: readonly Finding[],
  sources: Sources,
): Promise<FindingResult[]> {
  const altered = new Set(findings.filter(({ kind }) => kind === 'corrupted').map(({ key }) => key));
  if (altered.size === 0) return [...findings];
  const { names } = sources;
  const before: Record<string, string> = {
    [names.processed]: SENT,
    [names.flattened]: names.processed,
    [names.persisted]: names.flattened,
  };
  const readings = await collect(altered, sources);
  return findings.map((finding) => {
    if (finding.kind !== 'corrupted') return finding;
    const source = before[finding.hop] ?? names.persisted;
    const here = readings.get(`${finding.hop} ${finding.key}`)?.find(({ where }) => where === finding.where);
    const there = readings.get(`${source} ${finding.key}`);
    return here && there ? { ...finding, fields: least(there, here, source === SENT) } : finding;
  });
}

const SENT = 'sent';

/** Of several sendings of an event the one that differs least is the one that was altered. */
function least(there: readonly Reading[], here: Reading, partly: boolean) {
  const options = { partly, counts: (name: string) => !name.startsWith('profile-') };
  const all = there.map(({ flat }) => differences(flat, here.flat, options));
  return all.reduce((a, b) => (b.length < a.length ? b : a));
}

/** The sampled events' fields, by hop and key; under `sent` what was stated. */
async function collect(keys: ReadonlySet<string>, sources: Sources): Promise<Map<string, Reading[]>> {
  const { topics, names, mark, byRequestId } = sources;
  const found = new Map<string, Reading[]>();
  const keep = (hop: string, key: string, where: string, flat: FlatMessage) => {
    if (!keys.has(key)) return;
    const name = `${hop} ${key}`;
    const readings = found.get(name) ?? [];
    found.set(name, readings);
    if (readings.length < MOST_READINGS) readings.push({ where, flat });
  };
  for await (const { intent } of sources.sent()) {
    for (const event of intent.events) {
      keep(SENT, event.id ?? eventKey(intent.digest, event.index), '', event.fields);
    }
  }
  for (const topic of [names.processed, names.flattened, names.persisted]) {
    const flatOf = topic === names.processed ? flatOfProcessed : flatOfFlattened;
    for await (const record of topics.records(topic)) {
      let flat: FlatMessage;
      try {
        flat = flatOf(String(record.value));
      } catch {
        continue;
      }
      keep(topic, viewEvent(flat, mark, byRequestId).key, recordPlace(topic, record), flat);
    }
  }
  for (const sink of sources.sinks) {
    for await (const { flat, where } of sink.events()) {
      keep(sink.name, viewEvent(flat, mark, byRequestId).key, where, flat);
    }
  }
  return found;
}

const MOST_READINGS = 100;
