import { join } from 'node:path';
import type { FilebeatEnvelope } from '../../pipeline/contracts/envelope.ts';
import { parseJson } from '../../pipeline/contracts/json.ts';
import { fnv1aPartition } from '../../pipeline/contracts/partitioning.ts';
import { accessLogLines } from '../readers/access-log-reader.ts';
import type { TopicReader } from '../readers/topic-reader.ts';
import { viewLine } from './access-line.ts';
import { Buckets } from './buckets.ts';
import { Comparison, type Finding, type HopCount } from './compare.ts';
import type { Sent } from './ledger-join.ts';

export interface RequestCheck {
  readonly hops: readonly (HopCount & { readonly misrouted: number })[];
  readonly findings: readonly Finding[];
  /** Lines of the access log by what they are. */
  readonly lines: { tracker: number; refused: number; ignored: number; unreadable: number };
  /** Records of the raw topic by what they are. */
  readonly raw: { tracker: number; refused: number; ignored: number; unreadable: number };
  /** Unanswered requests that were seen in the raw topic, by digest: from there on they must not vanish. */
  readonly arrived: ReadonlyMap<string, number>;
  /** Digests by request id, of the batches with events that have no id of their own or fail. */
  readonly byRequestId: ReadonlyMap<string, string>;
}

/** Follows every request from the ledger to the access log and to the raw topic. */
export async function checkRequests(options: {
  sent: AsyncIterable<Sent>;
  mark: string;
  requests: number;
  accessLog: string | undefined;
  topics: TopicReader;
  rawTopic: string;
  folder: string;
}): Promise<RequestCheck> {
  const { mark, accessLog, topics, rawTopic } = options;
  const names = accessLog === undefined ? [rawTopic] : ['access log', rawTopic];
  const comparison = new Comparison(names.map((name) => ({ name, multiplicity: 'each' })));
  const buckets = await Buckets.create(
    join(options.folder, 'requests'),
    options.requests * (names.length + 1),
  );
  const lines = { tracker: 0, refused: 0, ignored: 0, unreadable: 0 };
  const raw = { tracker: 0, refused: 0, ignored: 0, unreadable: 0 };
  const unanswered = new Set<string>();
  const arrived = new Map<string, number>();
  const batches = new Set<string>();
  const byRequestId = new Map<string, string>();
  let misrouted = 0;
  try {
    for await (const { intent, outcome } of options.sent) {
      if (outcome === 'refused' || (intent.expect !== 'processed' && intent.expect !== 'failed')) continue;
      if (
        intent.events.length > 1 &&
        intent.events.some(({ id, expect }) => id === null || expect === 'failed')
      ) {
        batches.add(intent.digest);
      }
      if (outcome === 'unknown') unanswered.add(intent.digest);
      await buckets.add(intent.digest, {
        expected: { key: intent.digest, stated: null, group: '', answer: outcome },
      });
    }
    if (accessLog !== undefined) {
      for await (const { path, offset, text } of accessLogLines(accessLog)) {
        const view = viewLine(text, mark);
        lines[view?.kind ?? 'unreadable'] += 1;
        if (view?.kind !== 'tracker') continue;
        await buckets.add(view.digest, seen(0, view.digest, `${path}@${offset}`, view.marked));
      }
    }
    const partitions = topics.partitions(rawTopic);
    for await (const record of topics.records(rawTopic)) {
      const view = viewLine(lineOf(record.value), mark);
      raw[view?.kind ?? 'unreadable'] += 1;
      if (record.key && fnv1aPartition(record.key, partitions) !== record.partition) misrouted += 1;
      if (view?.kind !== 'tracker') continue;
      if (unanswered.has(view.digest)) arrived.set(view.digest, (arrived.get(view.digest) ?? 0) + 1);
      if (batches.has(view.digest)) byRequestId.set(view.line.request_id ?? '', view.digest);
      const where = `${rawTopic} ${record.partition}@${record.offset}`;
      await buckets.add(view.digest, seen(names.length - 1, view.digest, where, view.marked));
    }
    for await (const rows of buckets.drain()) comparison.add(rows);
  } finally {
    await buckets.remove();
  }
  const hops = comparison.counts.map((count) => ({
    ...count,
    misrouted: count.hop === rawTopic ? misrouted : 0,
  }));
  return { hops, findings: comparison.findings, lines, raw, arrived, byRequestId };
}

const seen = (hop: number, key: string, where: string, marked: boolean) => ({
  observed: { hop, key, content: '', fields: null, where, marked },
});

/** The line in an envelope; a bare line as it is. */
function lineOf(value: Buffer | null): string {
  const text = value?.toString() ?? '';
  try {
    const envelope = parseJson(text) as Partial<FilebeatEnvelope> | null;
    return typeof envelope?.message === 'string' ? envelope.message : text;
  } catch {
    return text;
  }
}
