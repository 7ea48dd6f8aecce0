import type { AccessLogLine } from '../../pipeline/contracts/access-log.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { FindingResult } from '../../reports/result.ts';
import type { Intent } from '../../simulator/ledger/records.ts';
import type { OracleSettings } from '../../simulator/oracle/index.ts';
import { viewLine } from './access-line.ts';
import type { Arrived } from './arrivals.ts';
import type { Comparison } from './compare.ts';
import type { Deviant, Deviations } from './deviations.ts';
import { differences } from './differences.ts';
import { expectedOfLine } from './expected-of-line.ts';
import type { Sent } from './ledger-join.ts';
import type { LineHop } from './request-lines.ts';

interface Sources {
  readonly sent: () => AsyncIterable<Sent>;
  readonly hops: readonly LineHop[];
  readonly mark: string;
  readonly oracle: Partial<OracleSettings>;
}

export interface ExplainedRequests {
  readonly findings: FindingResult[];
  /** What the hops behind have to make of lines that nobody sent as they are. */
  readonly strange: Arrived[];
  /** Their request ids. */
  readonly batches: { readonly requestId: string; readonly digest: string }[];
}

/** A deviant with its line and what that should become. */
interface Strange {
  readonly deviant: Deviant;
  readonly line: AccessLogLine;
  readonly arrived: Arrived;
}

/**
 * Looks into what the comparison of requests could not match. A request is found again by its bytes, so one whose bytes were altered
 * looks lost and made up at once: where the made-up line carries the id of an event of a request that was lost at the same hop, it
 * is that request, altered, and the counts say so. Reads the ledger and the lines again, but nothing where nothing was found.
 */
export async function explainRequests(
  comparison: Comparison,
  deviations: Deviations,
  sources: Sources,
): Promise<ExplainedRequests> {
  const { deviants, lost } = deviations;
  if (deviants.length + comparison.findings.length === 0) return { findings: [], strange: [], batches: [] };
  const strange = await readDeviants(deviants, sources);
  const intents = await readIntents(keysOf(comparison, deviations), sources);
  const siblings = await readSiblings(strange, sources);
  const found = new Findings(comparison.findings);
  const unpaired = new Unpaired(lost, intents);
  for (const one of strange) {
    const { hop, kind, row, own } = one.deviant;
    const { name } = sources.hops[hop]!;
    if (!own) continue;
    let original = row.key;
    if (kind === 'spurious') {
      const digest = unpaired.take(hop, one.arrived);
      if (digest === undefined) continue;
      original = digest;
      const count = comparison.counts[hop]!;
      count.spurious -= 1;
      count.lost -= 1;
      count.corrupted += 1;
      found.remove('spurious', name, row.key);
      found.remove('lost', name, original);
    }
    const fields = lineDifferences(one, intents.get(original), siblings.get(one.line.request_id ?? ''));
    found.set({ kind: 'corrupted', hop: name, key: original, where: row.where, fields });
  }
  const last = sources.hops.length - 1;
  const arrived = strange.filter(({ deviant }) => deviant.hop === last);
  return {
    findings: found.list().map((finding) => ({ ...finding, ...eventsOf(intents.get(finding.key)) })),
    strange: arrived.map((one) => one.arrived),
    batches: arrived.map(({ line, arrived: { digest } }) => ({ requestId: line.request_id ?? '', digest })),
  };
}

/** All requests that have to be read again in the ledger. */
function keysOf({ findings }: Comparison, { deviants, lost }: Deviations): Set<string> {
  const keys = new Set(findings.map(({ key }) => key));
  for (const { kind, row } of deviants) if (kind === 'corrupted') keys.add(row.key);
  for (const digests of lost.values()) for (const digest of digests.keys()) keys.add(digest);
  return keys;
}

async function readDeviants(
  deviants: readonly Deviant[],
  { hops, mark, oracle }: Sources,
): Promise<Strange[]> {
  const strange: Strange[] = [];
  for (const [hop, { lines }] of hops.entries()) {
    const wanted = new Map(
      deviants.filter((deviant) => deviant.hop === hop).map((deviant) => [deviant.row.where, deviant]),
    );
    if (wanted.size === 0) continue;
    for await (const { text, where } of lines()) {
      const deviant = wanted.get(where);
      const line = deviant && viewLine(text, mark)?.line;
      if (!deviant || !line) continue;
      const { digest, events } = expectedOfLine(line, oracle);
      strange.push({
        deviant,
        line,
        arrived: { digest, events, networkUserId: line.network_userid || undefined },
      });
    }
  }
  return strange;
}

async function readIntents(digests: ReadonlySet<string>, { sent }: Sources): Promise<Map<string, Intent>> {
  const found = new Map<string, Intent>();
  for await (const { intent } of sent()) {
    if (digests.has(intent.digest) && !found.has(intent.digest)) found.set(intent.digest, intent);
  }
  return found;
}

/** The lines that strange ones of the raw topic were in the access log, by request id. */
async function readSiblings(
  strange: readonly Strange[],
  { hops, mark }: Sources,
): Promise<Map<string, AccessLogLine>> {
  const found = new Map<string, AccessLogLine>();
  const wanted = new Set(strange.filter(({ deviant }) => deviant.hop > 0).map(({ line }) => line.request_id));
  if (wanted.size === 0 || hops.length === 1) return found;
  for await (const { text } of hops[0]!.lines()) {
    const line = viewLine(text, mark)?.line;
    if (line?.request_id && wanted.has(line.request_id)) found.set(line.request_id, line);
  }
  return found;
}

/** Lost requests, to be found by the ids of their events. */
class Unpaired {
  readonly #lost: ReadonlyMap<number, Map<string, number>>;
  readonly #byId = new Map<string, string>();

  constructor(lost: ReadonlyMap<number, Map<string, number>>, intents: ReadonlyMap<string, Intent>) {
    this.#lost = lost;
    for (const [digest, { events }] of intents) {
      for (const { id } of events) if (id !== null) this.#byId.set(id, digest);
    }
  }

  /** The request that was lost at the hop and has an event in common; it is not given twice. */
  take(hop: number, { events }: Arrived): string | undefined {
    for (const { id } of events) {
      const digest = id === null ? undefined : this.#byId.get(id);
      const left = (digest !== undefined && this.#lost.get(hop)?.get(digest)) || 0;
      if (left === 0) continue;
      this.#lost.get(hop)!.set(digest!, left - 1);
      return digest;
    }
    return undefined;
  }
}

const SAMPLES_A_KIND = 10;

/** Findings, each once. */
class Findings {
  readonly #found = new Map<string, FindingResult>();

  constructor(findings: readonly FindingResult[]) {
    for (const finding of findings) this.set(finding);
  }

  set(finding: FindingResult): void {
    this.#found.set(`${finding.kind} ${finding.hop} ${finding.key}`, finding);
  }

  remove(kind: string, hop: string, key: string): void {
    this.#found.delete(`${kind} ${hop} ${key}`);
  }

  /** So many of each kind at each hop as samples are kept. */
  list(): FindingResult[] {
    const kept = new Map<string, number>();
    return [...this.#found.values()].filter(({ kind, hop }) => {
      const already = kept.get(`${kind} ${hop}`) ?? 0;
      kept.set(`${kind} ${hop}`, already + 1);
      return already < SAMPLES_A_KIND;
    });
  }
}

/** Query string and body are told by the fields that stand in them. */
const isShort = (name: string): boolean => name !== 'request-query_string' && name !== 'request-request_body';

/** In what an altered line differs: from what was sent, else (by log field) from the line in the access log. */
function lineDifferences(
  { arrived, line }: Strange,
  intent: Intent | undefined,
  sibling: AccessLogLine | undefined,
) {
  for (const [i, event] of (intent?.events ?? []).entries()) {
    const now = arrived.events.find(({ id }) => id !== null && id === event.id) ?? arrived.events[i];
    const options = { partly: true, counts: isShort };
    const fields = differences(event.fields, now?.fields ?? {}, options);
    if (fields.length > 0) return fields;
    // Something was added: what the sender did not state is seen from the other side.
    const added = differences(now?.fields ?? {}, event.fields, options).filter(({ name }) =>
      name.startsWith('query-'),
    );
    if (added.length > 0)
      return added.map(({ name, expected, seen }) => ({ name, expected: seen, seen: expected }));
  }
  return sibling === undefined ? [] : differences(asFields(sibling), asFields(line));
}

function asFields(line: AccessLogLine): FlatMessage {
  return Object.fromEntries(Object.entries(line).map(([name, value]) => [`request-${name}`, String(value)]));
}

function eventsOf(intent: Intent | undefined): { events?: readonly string[] } {
  const ids = intent?.events.flatMap(({ id }) => (id === null ? [] : [id])) ?? [];
  return ids.length === 0 ? {} : { events: ids };
}
