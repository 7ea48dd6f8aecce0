import type { Flaw, Model, Step } from './explore.ts';
import { BOTH, membership, NAMES, withWorker } from './group.ts';
import { flaw, type Guard, part, used } from './part.ts';
import { arrivals, type Broker, claimed, committed, idOf, type Producing } from './transactions.ts';

const SIZE = { records: 5, atOnce: 2 };

const GUARDS = {
  claimBeforeOffset: {
    what: 'the transactional id is claimed before the offset is read',
    without: 'repeated',
  },
  idPerPartition: {
    what: 'one transactional id for each input partition, not for each worker',
    without: 'repeated',
  },
  offsetsInTransaction: {
    what: 'the offset is committed in the transaction of the outputs',
    without: 'repeated',
  },
  claimAfterError: {
    what: 'after an error the partition is claimed again, nothing is tried from memory',
    without: 'repeated',
  },
  waitForCommit: {
    what: 'the next batch begins when the commit of the one before is known',
    without: 'lost',
  },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

interface StageWorker extends Producing {
  /** `committed first`: the wrong order, offset before claim. */
  readonly at: 'away' | 'claim' | 'committed' | 'committed first' | 'read' | 'commit' | 'commit-offset';
  readonly position: number;
  /** Where the batch in hand ends. */
  readonly to: number;
}
type State = Broker<StageWorker>;

const AWAY: StageWorker = { at: 'away', fenced: false, position: 0, to: 0 };

/** Records are named by their offsets, and so is what becomes of them. */
const outputs = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

/** `pipeline/stages/stage-handler.ts` and `partition-worker.ts`. */
export const stage = part<Name, keyof State['left'], State>({
  name: 'stage',
  about: 'a stage that reads, transforms and writes in transactions: parser, flattener',
  size: SIZE,
  searches: [{ faults: { kills: 2, rebalances: 2, lostAnswers: 2 }, states: 15_247 }],
  guards: GUARDS,
  model(has, faults): Model<State> {
    const start: StageWorker = { ...AWAY, at: has('claimBeforeOffset') ? 'claim' : 'committed first' };
    const initial: State = {
      workers: [start, AWAY],
      owner: 0,
      left: faults,
      offset: 0,
      out: [],
      sent: [],
    };

    return {
      initial,
      steps: (state) => [
        ...membership<StageWorker, State>(state, start, AWAY),
        ...arrivals(state),
        ...BOTH.flatMap((i) => work(state, i)),
      ],
      wrong: ({ out, offset }) => judge(out, offset),
      wrongAtEnd: ({ offset }) =>
        offset < SIZE.records ? flaw('stopped', `the group stays at offset ${offset}`) : undefined,
    };

    function work(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { at, position, to } = worker;
      const name = NAMES[i];
      const become = (next: Partial<StageWorker>, more: Partial<State> = {}) =>
        withWorker(state, i, { ...worker, ...next }, more);
      switch (at) {
        case 'away':
          return [];
        case 'claim': {
          const next = has('claimBeforeOffset') ? ('committed' as const) : ('read' as const);
          const made = claimed<StageWorker, State>(state, i, has('idPerPartition'), { ...worker, at: next });
          return [
            { what: `${name} claims the partition's transactional id`, at: 'parser.claim', next: made },
          ];
        }
        case 'committed':
        case 'committed first':
          return [
            {
              what: `${name} reads the group's offset: ${state.offset}`,
              at: 'parser.committed',
              next: become({ at: at === 'committed' ? 'read' : 'claim', position: state.offset }),
            },
          ];
        case 'read':
          return outputs(position + 1, Math.min(position + SIZE.atOnce, SIZE.records) + 1).map((end) => ({
            what: `${name} reads and transforms records ${position} to ${Number(end) - 1}`,
            next: become({ at: 'commit', to: Number(end) }),
          }));
        case 'commit':
          return commit(state, i);
        case 'commit-offset':
          if (state.owner !== i)
            return [{ what: `${name} may not commit offset ${to}`, next: withWorker(state, i, start) }];
          return [
            {
              what: `${name} commits offset ${to} by itself`,
              at: 'parser.commit-offset',
              next: become({ at: 'read', position: to, to: 0 }, { offset: to }),
            },
          ];
      }
    }

    function commit(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { position, to } = worker;
      const name = NAMES[i];
      const what = `${name} commits what became of ${position} to ${to - 1}`;
      const at = 'parser.commit';
      if (worker.fenced) return [{ what: `${what}: it is fenced`, at, next: withWorker(state, i, start) }];
      const together = has('offsetsInTransaction');
      const transaction = { out: outputs(position, to), offset: together ? to : null };
      const after: StageWorker = together
        ? { ...worker, at: 'read', position: to, to: 0 }
        : { ...worker, at: 'commit-offset' };
      const done = { what: `${what}${together ? `, and offset ${to}` : ''}`, at };
      const steps: Step<State>[] = [{ ...done, next: withWorker(committed(state, transaction), i, after) }];
      const left = used(state.left, 'lostAnswers');
      if (left) {
        const sent = [...state.sent, { id: idOf(i, has('idPerPartition')), ...transaction }];
        let then = start;
        if (!has('claimAfterError')) then = { ...worker, at: 'read', to: 0 };
        else if (!has('waitForCommit')) then = after;
        steps.push({
          ...{ what: `${what}, and gets no answer`, at, fault: true },
          next: withWorker(state, i, then, { sent, left }),
        });
      }
      return steps;
    }
  },
});

/** Each record below the offset has become one record, in order. */
function judge(out: readonly string[], offset: number): Flaw | undefined {
  const seen = new Set<string>();
  for (const [i, one] of out.entries()) {
    if (seen.has(one)) return flaw('repeated', `what became of record ${one} was written twice`);
    if (i > 0 && Number(one) < Number(out[i - 1]))
      return flaw('reordered', `${one} was written after ${out[i - 1]}`);
    seen.add(one);
  }
  const missing = outputs(0, offset).find((one) => !seen.has(one));
  if (missing !== undefined) {
    return flaw('lost', `the group is at offset ${offset}, and nothing became of record ${missing}`);
  }
  return undefined;
}
