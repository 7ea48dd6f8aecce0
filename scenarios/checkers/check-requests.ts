import { join } from 'node:path';
import { fnv1aPartition } from '../../pipeline/contracts/partitioning.ts';
import type { FindingResult } from '../../reports/result.ts';
import type { OracleSettings } from '../../simulator/oracle/index.ts';
import type { StartPositions } from '../readers/access-log-reader.ts';
import type { TopicReader } from '../readers/topic-reader.ts';
import { lineContent, lineFields, statedOfLine, viewLine } from './access-line.ts';
import type { Arrived, Copies } from './arrivals.ts';
import { Buckets } from './buckets.ts';
import { Comparison, type HopCount } from './compare.ts';
import { Deviations } from './deviations.ts';
import { explainRequests } from './explain-requests.ts';
import { isOwed, type Sent } from './ledger-join.ts';
import { accessLogHop, type LineHop, rawTopicHop } from './request-lines.ts';
import { decodeRow, encodeRow } from './rows.ts';
import { Samples } from './samples.ts';

/** Lines by what they are. */
export interface LineCounts {
  tracker: number;
  refused: number;
  ignored: number;
  unreadable: number;
}

export interface RequestCheck {
  readonly hops: readonly (HopCount & { readonly misrouted: number })[];
  readonly findings: readonly FindingResult[];
  /** Lines of the access log. */
  readonly lines: LineCounts;
  /** Records of the raw topic. */
  readonly raw: LineCounts;
  /** See `arrivals`. */
  readonly uneven: ReadonlyMap<string, Copies>;
  /** What stands in the raw topic though it was not sent like that. The hops behind work on it all the same. */
  readonly strange: readonly Arrived[];
  /** Digests by request id, of the batches with events that have no id of their own or fail. */
  readonly byRequestId: ReadonlyMap<string, string>;
}

interface Options {
  readonly sent: () => AsyncIterable<Sent>;
  /** Told of everything that was sent, once. */
  readonly onSent: (sent: Sent) => void;
  readonly mark: string;
  /** How many requests there are, roughly. */
  readonly requests: number;
  readonly accessLog: string | undefined;
  readonly accessLogFrom: StartPositions | undefined;
  readonly topics: TopicReader;
  readonly rawTopic: string;
  readonly oracle: Partial<OracleSettings>;
  readonly folder: string;
  /** Told of each record of the raw topic that is no line. */
  readonly onUnreadable: (where: string) => Promise<void> | undefined;
}

/** Follows every request from the ledger to the access log and to the raw topic. */
export async function checkRequests(options: Options): Promise<RequestCheck> {
  const { accessLog, accessLogFrom, topics, rawTopic, requests } = options;
  const hops = [
    ...(accessLog === undefined ? [] : [accessLogHop(accessLog, accessLogFrom)]),
    rawTopicHop(topics, rawTopic),
  ];
  const rows = await Buckets.create(join(options.folder, 'requests'), requests * (hops.length + 1));
  try {
    const batches = await addSent(options, rows);
    const counts: LineCounts[] = [];
    for (const [hop, source] of hops.slice(0, -1).entries()) {
      counts.push(await addLines(options, rows, hop, source));
    }
    const raw = await addRaw(options, rows, hops, batches);

    const deviations = new Deviations();
    const comparison = new Comparison(
      hops.map(({ name }) => ({ name, multiplicity: 'each' })),
      deviations,
    );
    for await (const lines of rows.drain()) comparison.add(lines.map(decodeRow));
    const explained = await explainRequests(comparison, deviations, { ...options, hops });
    for (const { requestId, digest } of explained.batches) raw.byRequestId.set(requestId, digest);
    return {
      hops: comparison.counts.map((count) => ({
        ...count,
        misrouted: count.hop === rawTopic ? raw.misrouted.count : 0,
      })),
      findings: [...explained.findings, ...raw.misrouted.samples],
      lines: counts[0] ?? raw.counts,
      raw: raw.counts,
      uneven: deviations.uneven,
      strange: explained.strange,
      byRequestId: raw.byRequestId,
    };
  } finally {
    await rows.remove();
  }
}

/** Adds what was meant; returns the digests of the batches whose events are not named by their ids alone. */
async function addSent({ sent, onSent }: Options, rows: Buckets): Promise<Set<string>> {
  const batches = new Set<string>();
  for await (const one of sent()) {
    onSent(one);
    if (!isOwed(one)) continue;
    const { digest, events } = one.intent;
    if (events.length > 1 && events.some(({ id, expect }) => id === null || expect === 'failed')) {
      batches.add(digest);
    }
    const answer = one.outcome === 'acknowledged' ? 'acknowledged' : 'unknown';
    const stated = statedOfLine(events, one.networkUserId);
    await rows.add(digest, encodeRow({ expected: { key: digest, stated, group: '', answer } }));
  }
  return batches;
}

async function addLines(
  { mark }: Options,
  rows: Buckets,
  hop: number,
  source: LineHop,
  onLine?: (
    line: Parameters<typeof observe>[2],
    view: ReturnType<typeof viewLine>,
  ) => Promise<void> | undefined,
): Promise<LineCounts> {
  const counts: LineCounts = { tracker: 0, refused: 0, ignored: 0, unreadable: 0 };
  for await (const line of source.lines()) {
    const view = viewLine(line.text, mark);
    counts[view?.kind ?? 'unreadable'] += 1;
    await onLine?.(line, view);
    if (view?.kind === 'tracker') await rows.add(view.digest, observe(hop, view, line));
  }
  return counts;
}

/** Adds the raw topic, and looks at what only that has: partitions, and request ids to be found again later. */
async function addRaw(
  options: Options,
  rows: Buckets,
  hops: readonly LineHop[],
  batches: ReadonlySet<string>,
): Promise<{ counts: LineCounts; misrouted: Samples; byRequestId: Map<string, string> }> {
  const { topics, rawTopic } = options;
  const partitions = topics.partitions(rawTopic);
  const misrouted = new Samples('misrouted', rawTopic);
  const byRequestId = new Map<string, string>();
  const counts = await addLines(
    options,
    rows,
    hops.length - 1,
    hops.at(-1)!,
    ({ where, key, partition }, view) => {
      if (key && fnv1aPartition(key, partitions) !== partition) misrouted.add(view?.digest ?? '', where);
      if (view === undefined) return options.onUnreadable(where);
      if (batches.has(view.digest)) byRequestId.set(view.line.request_id ?? '', view.digest);
      return undefined;
    },
  );
  return { counts, misrouted, byRequestId };
}

function observe(
  hop: number,
  { digest: key, line, marked }: NonNullable<ReturnType<typeof viewLine>>,
  { text, where }: { text: string; where: string; key: Buffer | null; partition: number },
): string {
  const content = lineContent(text);
  const fields = hop === 0 ? lineFields(line) : null;
  return encodeRow({ observed: { hop, key, group: '', content, fields, where, marked } });
}
