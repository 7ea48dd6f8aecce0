import type { Answer, Intent } from '../../simulator/ledger/records.ts';

/** A request with what it was answered. */
export interface Sent {
  readonly intent: Intent;
  /** `unknown` also where the ledger ends before the answer: it may have been sent. */
  readonly outcome: Answer['outcome'];
  readonly answer: Answer | undefined;
}

/**
 * Joins intents and answers by request number, streaming: answers come in nearly the order of their intents, so only
 * those that came early are held.
 */
export async function* joinLedger(
  intents: AsyncIterable<Intent>,
  answers: AsyncIterable<Answer>,
): AsyncGenerator<Sent> {
  const early = new Map<number, Answer>();
  const stream = answers[Symbol.asyncIterator]();
  let ended = false;
  for await (const intent of intents) {
    while (!ended && !early.has(intent.request)) {
      const next = await stream.next();
      if (next.done) ended = true;
      else early.set(next.value.request, next.value);
    }
    const answer = early.get(intent.request);
    early.delete(intent.request);
    yield { intent, answer, outcome: answer?.outcome ?? 'unknown' };
  }
}
