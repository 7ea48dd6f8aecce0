import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer, Intent } from '../../simulator/ledger/records.ts';
import { AnswerIndex } from './answer-index.ts';
import { isOwed, joinLedger } from './ledger-join.ts';

const intent = (request: number, expected: Intent['expect'] = 'processed') =>
  ({ request, expect: expected, events: [] }) as unknown as Intent;
const answer = (request: number, outcome: Answer['outcome'], networkUserId?: string): Answer => ({
  request,
  outcome,
  sent: 0,
  answered: 0,
  status: 200,
  ...(networkUserId !== undefined && { networkUserId }),
});

async function* stream<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function join(intents: Intent[], answers: Answer[]) {
  const index = await AnswerIndex.read(stream(answers));
  const joined = [];
  for await (const sent of joinLedger(stream(intents), index)) joined.push(sent);
  return { joined, counts: index.counts };
}

it('joins answers by request number, in whatever order they came', async () => {
  const outcome = fc.constantFrom<Answer['outcome']>('acknowledged', 'refused', 'unknown');
  const request = fc.oneof(
    fc.nat(20),
    fc.nat(100_000),
    fc.nat(20).map((n) => 2 ** 40 + n),
  );
  const answers = fc.uniqueArray(
    fc.record({ request, outcome, id: fc.option(fc.constantFrom('x', 'y', 'z')) }),
    { selector: (one) => one.request },
  );
  await fc.assert(
    fc.asyncProperty(answers, fc.uniqueArray(request), async (given, unanswered) => {
      const known = new Map(given.map((one) => [one.request, one]));
      const requests = [...new Set([...known.keys(), ...unanswered])].sort((a, b) => a - b);
      const { joined } = await join(
        requests.map((number) => intent(number)),
        given.map((one) => answer(one.request, one.outcome, one.id ?? undefined)),
      );
      expect(joined.map(({ intent: { request: number }, ...rest }) => ({ number, ...rest }))).toEqual(
        requests.map((number) => ({
          number,
          outcome: known.get(number)?.outcome ?? 'unknown',
          answered: known.has(number),
          networkUserId: known.get(number)?.id ?? undefined,
        })),
      );
    }),
  );
});

it('counts all answers, also those that nobody asked for', async () => {
  const { counts } = await join(
    [intent(1)],
    [answer(1, 'unknown'), answer(1, 'acknowledged'), answer(7, 'refused')],
  );
  expect(counts).toEqual({ acknowledged: 1, refused: 1, unknown: 1 });
});

it('owes something to what was not refused and is the pipeline’s to work on', async () => {
  const intents = [
    intent(1),
    intent(2),
    intent(3, 'failed'),
    intent(4, 'ignored'),
    intent(5, 'refused'),
    intent(6),
  ];
  const { joined } = await join(intents, [
    answer(1, 'acknowledged'),
    answer(2, 'refused'),
    answer(3, 'acknowledged'),
  ]);
  expect(joined.filter(isOwed).map((sent) => sent.intent.request)).toEqual([1, 3, 6]);
});
