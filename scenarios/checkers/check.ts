import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type {
  ConservationResult,
  FindingResult,
  HopResult,
  ProfileResult,
  Verdict,
} from '../../reports/result.ts';
import { readAnswers, readIntents, readRun } from '../../simulator/ledger/index.ts';
import type { StartPositions } from '../readers/access-log-reader.ts';
import type { ProfileReader } from '../readers/profile-reader.ts';
import type { TopicReader } from '../readers/topic-reader.ts';
import { AnswerIndex } from './answer-index.ts';
import { type Arrived, arrivals } from './arrivals.ts';
import { checkEvents, type SinkReader } from './check-events.ts';
import { Failures } from './check-failures.ts';
import { checkRequests } from './check-requests.ts';
import type { HopCount } from './compare.ts';
import { type Counted, conservation } from './conservation.ts';
import { explainEvents } from './explain-events.ts';
import { judge } from './judge.ts';
import { joinLedger, type Sent } from './ledger-join.ts';
import { ProfileCheck } from './profile-check.ts';
import { PROFILES_HOP, profileHop, wrongProfiles } from './profile-hop.ts';
import { TightHeap } from './tight-heap.ts';

export interface CheckOptions {
  /** Directory of the ledger. */
  readonly ledger: string;
  readonly topics: TopicReader;
  readonly names: TopicNames;
  /** The live access log; left out where it cannot be read. */
  readonly accessLog?: string | undefined;
  /** Where the access log ended before the run. */
  readonly accessLogFrom?: StartPositions | undefined;
  readonly sinks: readonly SinkReader[];
  /** For intermediate files; removed afterwards. */
  readonly folder: string;
  /** Compare profiles with the fold of the events (default rules only). */
  readonly profiles: boolean;
  /** Where the profiles are kept: compared, too, if profiles are compared at all. */
  readonly profileStore?: ProfileReader | undefined;
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
  /** What its readers counted. */
  readonly counted: Counted;
}

/**
 * Compares every hop with the ledger, by readers and expectations of its own. The pipeline must have drained. Each fault is counted
 * at the hop that made it. In memory are five bytes a request, one entry a visitor, and of what is compared, which lies in files, one
 * of their at most 512 parts at a time.
 *
 * @throws ClickproofError HOP_UNREADABLE (a topic or the access log), LEDGER_UNREADABLE
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  using _ = new TightHeap();
  const { ledger, topics, names, sinks, folder, onHop } = options;
  const { mark, oracle = {} } = readRun(ledger);
  const answers = await AnswerIndex.read(readAnswers(ledger));
  const sent = () => joinLedger(readIntents(ledger), answers);
  const totals = { requests: 0, unanswered: 0, events: 0, acknowledgedEvents: 0 };
  // To look for it alone would mean to ask the oracle once more for everything; what was not answered is little.
  const roughly = answers.size;
  const failures = await Failures.create(folder, roughly);
  let profileCheck: ProfileCheck | undefined;
  try {
    onHop?.('access log');
    const requests = await checkRequests({
      sent,
      mark,
      onSent: (one) => count(one, totals),
      requests: roughly,
      accessLog: options.accessLog,
      accessLogFrom: options.accessLogFrom,
      topics,
      rawTopic: names.raw,
      oracle,
      folder,
      onUnreadable: (where) => failures.expect(where),
    });
    const { byRequestId } = requests;
    if (options.profiles) profileCheck = await ProfileCheck.create(folder, totals.events);
    const events = await checkEvents({
      arrived: concat(arrivals(sent(), requests.uneven), requests.strange),
      mark,
      events: totals.events,
      topics,
      names,
      sinks,
      folder,
      byRequestId,
      failures,
      profiles: profileCheck,
      onHop,
    });
    onHop?.(names.failed);
    const failed = await failures.compare(topics, names.failed, mark, byRequestId);
    if (profileCheck) onHop?.(PROFILES_HOP);
    const profiles = await profileCheck?.result(options.profileStore);
    const [first, ...others] = events.hops;
    const hops: HopResult[] = [
      ...requests.hops.map((hop) => hopResult(hop, 'requests')),
      ...[first!, failed.comparison.counts[0]!, ...others].map((hop) => hopResult(hop, 'events')),
    ];
    // Between what profiles are folded from and what they are written to.
    const persisted = hops.findIndex(({ hop }) => hop === names.persisted);
    if (profiles && options.profileStore) hops.splice(persisted, 0, profileHop(profiles));
    const foreign = (hop: number) => ({ foreign: requests.hops.at(hop)!.foreign });
    const counted: Counted = {
      names,
      ledger: {
        ...{ requests: totals.requests, unanswered: totals.unanswered },
        ...{ answers: answers.counts, unreachable: answers.unreachable },
      },
      accessLog: options.accessLog === undefined ? undefined : { ...requests.lines, ...foreign(0) },
      raw: { ...requests.raw, ...foreign(-1) },
      expected: events.expected,
      hops: events.hops,
      failed: failed.comparison.counts[0]!,
      failedBy: failed.byStage,
    };
    const equations = conservation(counted);
    const readable = sinks.filter(({ name }) => events.hops.some(({ hop, read }) => read && hop === name));
    const explained = await explainEvents(events.findings, {
      sent,
      topics,
      names,
      sinks: readable,
      mark,
      byRequestId,
    });
    return {
      ...judge(hops, equations, profiles ?? { wrong: 0, unseen: 0 }, totals.acknowledgedEvents),
      hops,
      conservation: equations,
      findings: [
        ...requests.findings,
        ...explained,
        ...failed.comparison.findings,
        ...(profiles ? wrongProfiles(profiles, names.persisted) : []),
      ],
      profiles: profiles && {
        visitors: profiles.visitors,
        correct: profiles.correct,
        wrong: profiles.wrong,
        unseen: profiles.unseen,
      },
      counted,
    };
  } finally {
    await failures.remove();
    await profileCheck?.remove();
  }
}

function hopResult(counts: HopCount & Partial<HopResult>, unit: HopResult['unit']): HopResult {
  const { lines: _, ...rest } = counts;
  return { misrouted: 0, outOfOrder: 0, read: true, ...rest, unit };
}

interface Totals {
  requests: number;
  unanswered: number;
  events: number;
  acknowledgedEvents: number;
}

function count({ intent, outcome, answered }: Sent, totals: Totals): void {
  totals.requests += 1;
  if (!answered) totals.unanswered += 1;
  totals.events += intent.events.length;
  if (outcome === 'acknowledged') totals.acknowledgedEvents += intent.events.length;
}

async function* concat(first: AsyncIterable<Arrived>, second: Iterable<Arrived>): AsyncGenerator<Arrived> {
  yield* first;
  yield* second;
}
