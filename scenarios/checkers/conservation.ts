import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { ConservationResult } from '../../reports/result.ts';
import type { AnswerCounts } from './answer-index.ts';
import type { EventCheck } from './check-events.ts';
import { type FailureCheck, own } from './check-failures.ts';
import type { LineCounts, RequestCheck } from './check-requests.ts';

export interface Counted {
  /** Requests in the ledger, and those of them without any answer. */
  readonly sent: number;
  readonly unanswered: number;
  readonly answers: AnswerCounts;
  readonly requests: Pick<RequestCheck, 'lines' | 'raw'>;
  /** Whether the access log was read. */
  readonly withAccessLog: boolean;
  readonly events: Pick<EventCheck, 'expected' | 'lines'> & {
    readonly hops: readonly Pick<
      EventCheck['hops'][number],
      'hop' | 'records' | 'foreign' | 'repeats' | 'read'
    >[];
  };
  readonly failures: Pick<FailureCheck, 'byStage' | 'lines'>;
  readonly names: TopicNames;
}

/**
 * What must add up, hop by hop, whatever single events did: nothing disappears without being counted. Foreign traffic counts
 * where lines are counted, and not where events are.
 */
export function conservation(counted: Counted): ConservationResult[] {
  const { sent, unanswered, answers, requests, events, failures, names } = counted;
  const { lines, raw } = requests;
  const hop = (name: string) => events.hops.find((one) => one.hop === name)!;
  const processed = hop(names.processed);
  const flattened = hop(names.flattened);
  const persisted = hop(names.persisted);
  const failedIn = (stage: string) => failures.byStage.get(stage) ?? 0;
  const sinks = events.hops.filter(
    ({ hop: name, read }) => read && ![names.processed, names.flattened, names.persisted].includes(name),
  );
  return [
    equation('every request has one answer', { sent }, { ...answers, 'without an answer': unanswered }),
    ...(counted.withAccessLog
      ? [equation('every line is shipped', { lines: total(lines) }, { shipped: total(raw) })]
      : []),
    equation(
      'every line is processed, failed, refused or ignored',
      { lines: total(raw) },
      { processed: events.lines, failed: failures.lines, refused: raw.refused, ignored: raw.ignored },
    ),
    equation(
      'every event is processed or failed',
      { expected: events.expected },
      { processed: own(processed), failed: failedIn('parser') },
    ),
    equation(
      'what is processed is flattened',
      { processed: own(processed) },
      { flattened: own(flattened), failed: failedIn('flattener') },
    ),
    equation(
      'what is flattened is persisted once',
      { flattened: own(flattened) },
      { persisted: own(persisted), repeats: persisted.repeats, failed: failedIn('persister') },
    ),
    ...sinks.map((sink) =>
      equation(
        `what is persisted is in ${sink.hop}`,
        { persisted: own(persisted) },
        { [sink.hop]: own(sink), failed: failedIn(sink.hop.toLowerCase()) },
      ),
    ),
  ];
}

function total({ tracker, refused, ignored, unreadable }: LineCounts): number {
  return tracker + refused + ignored + unreadable;
}

function equation(
  name: string,
  left: Record<string, number>,
  right: Record<string, number>,
): ConservationResult {
  const sum = (parts: Record<string, number>) => Object.values(parts).reduce((a, b) => a + b, 0);
  return { name, left, right, holds: sum(left) === sum(right) };
}
