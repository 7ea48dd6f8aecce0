import type { Answer, Intent } from '../../simulator/ledger/records.ts';
import type { AnswerIndex } from './answer-index.ts';

/** A request with what it was answered. */
export interface Sent {
  readonly intent: Intent;
  /** `unknown` also where the ledger ends before the answer: it may have been sent. */
  readonly outcome: Answer['outcome'];
  /** False where the ledger holds no answer at all. */
  readonly answered: boolean;
  /** The network user id that the answer set. */
  readonly networkUserId: string | undefined;
}

/** Joins intents with their answers, in the order of the intents. */
export async function* joinLedger(
  intents: AsyncIterable<Intent>,
  answers: Pick<AnswerIndex, 'get'>,
): AsyncGenerator<Sent> {
  for await (const intent of intents) {
    const answer = answers.get(intent.request);
    yield {
      intent,
      outcome: answer?.outcome ?? 'unknown',
      answered: answer !== undefined,
      networkUserId: answer?.networkUserId,
    };
  }
}

/** Whether something is owed to a request: it was not refused, and it is one that the pipeline works on. */
export function isOwed({ intent, outcome }: Sent): boolean {
  return outcome !== 'refused' && (intent.expect === 'processed' || intent.expect === 'failed');
}
