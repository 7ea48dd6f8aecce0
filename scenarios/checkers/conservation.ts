import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { ConservationResult } from '../../reports/result.ts';
import type { AnswerCounts } from './answer-index.ts';
import type { EventHop } from './check-events.ts';
import { own } from './check-failures.ts';
import type { LineCounts } from './check-requests.ts';
import type { HopCount } from './compare.ts';

/** What the equations are made of. */
export interface Counted {
  readonly names: TopicNames;
  readonly ledger: {
    readonly requests: number;
    /** Requests without any answer. */
    readonly unanswered: number;
    /** All answers that there are. */
    readonly answers: AnswerCounts;
    /** Of the refused those that nobody was there to refuse. */
    readonly unreachable: number;
  };
  /** Lines of the access log, where it was read, and of the raw topic; `foreign` are among those of the tracker. */
  readonly accessLog: (LineCounts & { readonly foreign: number }) | undefined;
  readonly raw: LineCounts & { readonly foreign: number };
  /** Events that the raw topic's requests must become, those that fail among them. */
  readonly expected: number;
  readonly hops: readonly Pick<EventHop, 'hop' | 'records' | 'foreign' | 'repeats' | 'lines' | 'read'>[];
  readonly failed: Pick<HopCount, 'lines' | 'records' | 'foreign'>;
  /** Failures by stage. */
  readonly failedBy: ReadonlyMap<string, number>;
}

/**
 * What must add up, hop by hop, whatever became of single events: nothing disappears without being counted. Foreign traffic is left out,
 * where it can be told.
 */
export function conservation(counted: Counted): ConservationResult[] {
  const { names, ledger, accessLog, raw } = counted;
  const hop = (name: string) => counted.hops.find((one) => one.hop === name)!;
  const [processed, flattened, persisted] = [
    hop(names.processed),
    hop(names.flattened),
    hop(names.persisted),
  ];
  const failedBy = (stage: string) => counted.failedBy.get(stage) ?? 0;
  const sinks = counted.hops.filter((one) => one !== processed && one !== flattened && one !== persisted);
  return [
    equation(
      'every request has one answer',
      { sent: ledger.requests },
      {
        acknowledged: ledger.answers.acknowledged,
        // Other words than for lines: an unknown path is answered 404, and its line is ignored as no tracker's.
        'answered with an error': ledger.answers.refused,
        'connection lost': ledger.answers.unknown,
        'without an answer': ledger.unanswered,
      },
    ),
    ...(accessLog === undefined ? [] : [shipped(accessLog, raw)]),
    equation(
      'every line is processed, failed, refused or ignored',
      { lines: total(raw) },
      {
        processed: processed.lines,
        failed: counted.failed.lines,
        refused: raw.refused,
        ignored: raw.ignored,
      },
    ),
    equation(
      'every event is processed or failed',
      // A line that is none has no events: its failure is the one thing that becomes of it.
      { expected: counted.expected, unreadable: raw.unreadable },
      { processed: own(processed), failed: failedBy('parser') },
    ),
    equation(
      'what is processed is flattened',
      { processed: own(processed) },
      { flattened: own(flattened), failed: failedBy('flattener') },
    ),
    equation(
      'what is flattened is persisted once',
      { flattened: own(flattened) },
      { persisted: own(persisted), repeats: persisted.repeats, failed: failedBy('persister') },
    ),
    ...sinks
      .filter(({ read }) => read)
      .map((sink) =>
        equation(
          `what is persisted is in ${sink.hop}`,
          { persisted: own(persisted) },
          { [sink.hop]: own(sink), failed: failedBy(sink.hop.toLowerCase()) },
        ),
      ),
  ];
}

type Lines = NonNullable<Counted['accessLog']>;

function shipped(accessLog: Lines, raw: Lines): ConservationResult {
  if (accessLog.foreign === 0 && raw.foreign === 0) {
    return equation('every line is shipped', { lines: total(accessLog) }, { shipped: total(raw) });
  }
  // Where others send, too, only requests of trackers carry a mark.
  const own = ({ tracker, foreign }: Lines) => tracker - foreign;
  return equation('every tracker request is shipped', { lines: own(accessLog) }, { shipped: own(raw) });
}

function total({ tracker, refused, ignored, unreadable, foreign }: Lines): number {
  return tracker + refused + ignored + unreadable - foreign;
}

function equation(
  name: string,
  left: Record<string, number>,
  right: Record<string, number>,
): ConservationResult {
  const sum = (parts: Record<string, number>) => Object.values(parts).reduce((a, b) => a + b, 0);
  return { name, left, right, holds: sum(left) === sum(right) };
}
