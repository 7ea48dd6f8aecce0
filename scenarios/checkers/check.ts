import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type {
  ConservationResult,
  FindingResult,
  HopResult,
  ProfileResult,
  Verdict,
} from '../../reports/result.ts';
import { readAnswers, readIntents, readRun } from '../../simulator/ledger/index.ts';
import type { TopicReader } from '../readers/topic-reader.ts';
import { checkEvents, type SinkReader } from './check-events.ts';
import { checkRequests } from './check-requests.ts';
import { explainFindings } from './explain.ts';
import { joinLedger, type Sent } from './ledger-join.ts';
import { ProfileCheck } from './profile-check.ts';

export interface CheckOptions {
  /** Directory of the ledger. */
  readonly ledger: string;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  /** The live access log; left out where it cannot be read. */
  readonly accessLog?: string | undefined;
  readonly sinks: readonly SinkReader[];
  /** For intermediate files; removed afterwards. */
  readonly folder: string;
  /** Compare profiles with the fold of the events (default rules only). */
  readonly profiles: boolean;
  readonly onHop?: (hop: string) => void;
}

/** What became of everything that was sent. */
export interface CheckReport {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly hops: readonly HopResult[];
  readonly conservation: readonly ConservationResult[];
  readonly findings: readonly FindingResult[];
  readonly profiles: ProfileResult | undefined;
  readonly lines: Readonly<Record<'tracker' | 'refused' | 'ignored' | 'unreadable', number>>;
}

/**
 * Compares every hop with the ledger, by readers and expectations of its own. The pipeline must have drained. Memory does not
 * grow with the number of events, but for one entry a visitor.
 *
 * @throws ClickproofError HOP_UNREADABLE, LEDGER_UNREADABLE
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const { ledger, topics, names, sinks, folder, onHop } = options;
  const { mark } = readRun(ledger);
  const sent = () => joinLedger(readIntents(ledger), readAnswers(ledger));
  const totals = await countSent(sent());
  onHop?.('access log');
  const requests = await checkRequests({
    sent: sent(),
    mark,
    requests: totals.requests,
    accessLog: options.accessLog,
    topics,
    rawTopic: names.raw,
    folder,
  });
  const profileCheck = options.profiles ? new ProfileCheck() : undefined;
  const events = await checkEvents({
    sent: sent(),
    mark,
    events: totals.events,
    topics,
    names,
    sinks,
    folder,
    arrived: requests.arrived,
    byRequestId: requests.byRequestId,
    ...(profileCheck && { profiles: profileCheck }),
    ...(onHop && { onHop }),
  });
  const hops: HopResult[] = [
    ...requests.hops.map((hop) => ({ ...hop, unit: 'requests' as const, outOfOrder: 0, read: true })),
    ...events.hops.map((hop) => ({ ...hop, unit: 'events' as const, read: true })),
  ];
  const conservation = equations(requests, events.hops, names, options.accessLog !== undefined);
  const folded = profileCheck?.result();
  const found: FindingResult[] = [
    ...requests.findings,
    ...events.findings,
    ...(folded?.samples ?? []).map(({ visitor, value, expected, seen }) => ({
      kind: 'wrong profile',
      hop: names.persisted,
      key: visitor,
      where: 'the visitor’s last event',
      fields: [{ name: value, expected, seen }],
    })),
  ];
  const findings = await explainFindings(found, {
    sent,
    topics,
    names,
    sinks,
    mark,
    byRequestId: requests.byRequestId,
  });
  const { verdict, reasons } = judge(hops, conservation, folded?.wrong ?? 0, totals.acknowledgedEvents);
  const profiles = folded && { visitors: folded.visitors, correct: folded.correct, wrong: folded.wrong };
  return { verdict, reasons, hops, conservation, findings, profiles, lines: requests.lines };
}

async function countSent(sent: AsyncIterable<Sent>) {
  const totals = { requests: 0, events: 0, acknowledgedEvents: 0 };
  for await (const { intent, outcome } of sent) {
    totals.requests += 1;
    totals.events += intent.events.length;
    if (outcome === 'acknowledged') totals.acknowledgedEvents += intent.events.length;
  }
  return totals;
}

const FAULTS = [
  ['lost', 'lost'],
  ['duplicated', 'counted twice'],
  ['corrupted', 'altered'],
  ['spurious', 'made up'],
  ['misrouted', 'in the wrong partition'],
  ['outOfOrder', 'out of order'],
] as const;

/** Turns counts into a verdict. Too little traffic proves nothing: `unknown`, never `pass`. */
export function judge(
  hops: readonly HopResult[],
  conservation: readonly ConservationResult[],
  wrongProfiles: number,
  acknowledgedEvents: number,
): { verdict: Verdict; reasons: string[] } {
  const reasons: string[] = [];
  for (const hop of hops) {
    for (const [name, words] of FAULTS) {
      if (hop[name] > 0) reasons.push(`${hop.hop}: ${hop[name]} ${hop.unit} ${words}`);
    }
  }
  for (const { name, holds } of conservation) if (!holds) reasons.push(`the equation does not hold: ${name}`);
  if (wrongProfiles > 0) reasons.push(`${wrongProfiles} profiles are not the fold of their visitor's events`);
  if (reasons.length > 0) return { verdict: 'fail', reasons };
  for (const hop of hops) if (!hop.read) reasons.push(`${hop.hop} could not be read`);
  if (acknowledgedEvents === 0) reasons.push('no event was acknowledged, so nothing is proven');
  return { verdict: reasons.length > 0 ? 'unknown' : 'pass', reasons };
}

function equations(
  requests: Awaited<ReturnType<typeof checkRequests>>,
  events: readonly { hop: string; records: number; expected: number }[],
  names: TopicNames,
  withAccessLog: boolean,
): ConservationResult[] {
  const records = (hop: string) => events.find((one) => one.hop === hop)?.records ?? 0;
  const equation = (name: string, left: Record<string, number>, right: Record<string, number>) => {
    const sum = (parts: Record<string, number>) =>
      Object.values(parts).reduce((total, value) => total + value, 0);
    return { name, left, right, holds: sum(left) === sum(right) };
  };
  const { lines, raw } = requests;
  const list: ConservationResult[] = [];
  if (withAccessLog) {
    const all = lines.tracker + lines.refused + lines.ignored + lines.unreadable;
    list.push(equation('every line is shipped', { lines: all }, { ...raw }));
  }
  list.push(
    equation(
      'what is processed is flattened',
      { processed: records(names.processed) },
      { flattened: records(names.flattened) },
    ),
  );
  for (const { hop, records: stored } of events.slice(4)) {
    list.push(
      equation(`what is persisted is in ${hop}`, { persisted: records(names.persisted) }, { [hop]: stored }),
    );
  }
  return list;
}
