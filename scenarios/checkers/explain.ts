import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { FindingResult } from '../../reports/result.ts';
import { eventKey, viewEvent } from '../readers/event-view.ts';
import { flatOfFlattened, flatOfProcessed } from '../readers/flat-view.ts';
import type { TopicReader } from '../readers/topic-reader.ts';
import type { SinkReader } from './check-events.ts';
import type { Sent } from './ledger-join.ts';

interface Sources {
  readonly sent: () => AsyncIterable<Sent>;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  readonly sinks: readonly SinkReader[];
  readonly mark: string;
  readonly byRequestId: ReadonlyMap<string, string>;
}

const MOST_FIELDS = 8;

/**
 * Names the fields in which the sampled altered events differ: from what was sent at the first hop, from the hop before at a
 * later one. Reads the hops again, for the few sampled events only; nothing altered, nothing read.
 */
export async function explainFindings(
  findings: readonly FindingResult[],
  sources: Sources,
): Promise<FindingResult[]> {
  const altered = new Set(findings.filter(({ kind }) => kind === 'corrupted').map(({ key }) => key));
  if (altered.size === 0) return [...findings];
  const { names } = sources;
  const before: Record<string, string> = {
    [names.processed]: 'sent',
    [names.flattened]: names.processed,
    [names.persisted]: names.flattened,
  };
  const seen = await collect(altered, sources);
  return findings.map((finding) => {
    if (finding.kind !== 'corrupted') return finding;
    const here = seen.get(`${finding.hop} ${finding.key}`);
    const source = before[finding.hop] ?? names.persisted;
    const there = seen.get(`${source} ${finding.key}`);
    return here && there ? { ...finding, fields: differences(there, here, source === 'sent') } : finding;
  });
}

/** The sampled events' fields, by hop and key; under `sent` what was stated. */
async function collect(keys: ReadonlySet<string>, sources: Sources): Promise<Map<string, FlatMessage>> {
  const { topics, names, mark, byRequestId } = sources;
  const found = new Map<string, FlatMessage>();
  for await (const { intent } of sources.sent()) {
    for (const event of intent.events) {
      const key = event.id ?? eventKey(intent.digest, event.index);
      if (keys.has(key) && !found.has(`sent ${key}`)) found.set(`sent ${key}`, event.fields);
    }
  }
  for (const topic of [names.processed, names.flattened, names.persisted]) {
    for await (const record of topics.records(topic)) {
      const flat = (topic === names.processed ? flatOfProcessed : flatOfFlattened)(String(record.value));
      const { key } = viewEvent(flat, mark, byRequestId);
      if (keys.has(key)) found.set(`${topic} ${key}`, flat);
    }
  }
  for (const sink of sources.sinks) {
    for await (const { flat } of sink.events()) {
      const { key } = viewEvent(flat, mark, byRequestId);
      if (keys.has(key)) found.set(`${sink.name} ${key}`, flat);
    }
  }
  return found;
}

/** `partly`: the left side states only some fields, so what it does not state is no difference. */
function differences(
  left: FlatMessage,
  right: FlatMessage,
  partly: boolean,
): NonNullable<FindingResult['fields']> {
  const names = new Set([...Object.keys(left), ...(partly ? [] : Object.keys(right))]);
  const list = [];
  for (const name of names) {
    if (name.startsWith('profile-') || same(left[name], right[name])) continue;
    list.push({ name, expected: left[name] ?? null, seen: right[name] ?? null });
    if (list.length === MOST_FIELDS) break;
  }
  return list;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && String(a) === String(b));
}
