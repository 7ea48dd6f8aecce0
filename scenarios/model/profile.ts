import type { Flaw, Model, Step } from './explore.ts';
import { BOTH, type Group, membership, NAMES, withWorker } from './group.ts';
import { flaw, type Guard, part, used } from './part.ts';
import { type Change, changeOf, earlierStores, lateSteps, type Store, written } from './store.ts';
import { arrivals, type Broker, claimed, committed, idOf, type Producing } from './transactions.ts';
import { fold, judgeOutputs, judgeValues, NOTHING, RECORDS, VISITORS, WINDOW } from './visitors.ts';

const SIZE = { records: RECORDS.length, visitors: VISITORS.length, remembered: WINDOW, atOnce: 2 };

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
  commitFirst: { what: 'the log is committed before the store is written', without: 'lost' },
  markInScript: { what: 'values and mark are written to the store in one step', without: 'profile wrong' },
  compareMark: {
    what: 'that step writes only where the mark is the one that was folded from',
    without: 'profile wrong',
  },
  compareOnRead: {
    what: 'values are read together with the mark, which must be the position',
    without: 'repeated',
  },
  windowUnderMark: { what: 'the dedupe window is part of the value', without: 'lost' },
  foldFromMark: { what: 'a claim goes back to the mark, not to the offset', without: 'repeated' },
  rebuildSilently: {
    what: 'what is below the offset is folded without being written again',
    without: 'repeated',
  },
  cutAtOffset: { what: 'a batch is cut where the offset was', without: 'lost' },
  askBeforeRefusing: {
    what: 'a mark beyond the offset is refused only if the offset, read again, is still below',
    without: 'stopped',
  },
  knowOwnChange: {
    what: 'a step whose mark is written already counts as done',
    without: null,
    why: 'the partition is claimed again, which costs time only',
  },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

interface Persister extends Producing {
  readonly at:
    | 'away'
    | 'claim'
    | 'committed'
    | 'committed first'
    | 'store-claim'
    | 'committed again'
    | 'refused'
    | 'read'
    | 'commit'
    | 'commit-offset'
    | 'apply'
    | 'apply mark';
  readonly position: number;
  /** The group's offset when the partition was claimed: below it is only folded. */
  readonly rebuildTo: number;
  /** The mark as it must be for the next step. */
  readonly mark: number;
  readonly change: Change | null;
  readonly out: readonly string[];
}

interface State extends Broker<Persister> {
  readonly store: Store;
  /** Steps of the store whose client has given up waiting. */
  readonly late: readonly Change[];
  readonly left: Group['left'] & { readonly rollbacks: number };
}

const AWAY: Persister = {
  at: 'away',
  fenced: false,
  position: 0,
  rebuildTo: 0,
  mark: 0,
  change: null,
  out: [],
};

/** `pipeline/stages/persister-handler.ts` on a profile store. */
export const profile = part<Name, keyof State['left'], State>({
  name: 'profile',
  about: 'the profile stage: outputs and offset in the log, then values and mark in the store',
  size: SIZE,
  searches: [
    { faults: { kills: 1, rebalances: 0, lostAnswers: 1, rollbacks: 0 }, states: 741 },
    { faults: { kills: 1, rebalances: 0, lostAnswers: 1, rollbacks: 1 }, states: 3_942 },
    { faults: { kills: 0, rebalances: 1, lostAnswers: 0, rollbacks: 1 }, states: 28_032 },
    { faults: { kills: 0, rebalances: 1, lostAnswers: 1, rollbacks: 0 }, states: 23_725 },
    { faults: { kills: 2, rebalances: 2, lostAnswers: 0, rollbacks: 0 }, states: 32_368 },
    { faults: { kills: 1, rebalances: 1, lostAnswers: 1, rollbacks: 1 }, states: 466_011, deep: true },
  ],
  guards: GUARDS,
  model(has, faults): Model<State> {
    const start: Persister = { ...AWAY, at: has('claimBeforeOffset') ? 'claim' : 'committed first' };
    const initial: State = {
      ...{ workers: [start, AWAY], owner: 0, left: faults },
      ...{ offset: 0, out: [], sent: [] },
      ...{ store: { mark: 0, values: NOTHING, seen: NOTHING }, late: [] },
    };

    return {
      initial,
      steps: (state) => [
        ...membership<Persister, State>(state, start, AWAY),
        ...arrivals(state),
        ...lateSteps(state, has('compareMark')),
        ...fallBack(state),
        ...BOTH.flatMap((i) => work(state, i)),
      ],
      wrong: ({ out, offset }) => judgeOutputs(out, offset),
      wrongAtEnd({ offset, store, workers }) {
        const refused = workers.findIndex(({ at }) => at === 'refused');
        if (refused >= 0) return flaw('stopped', `${NAMES[refused]} refuses to go on, with nothing wrong`);
        if (offset < RECORDS.length) return flaw('stopped', `the group stays at offset ${offset}`);
        return judgeStore(store);
      },
    };

    function work(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { at, position, rebuildTo, change } = worker;
      const { offset, store } = state;
      const name = NAMES[i];
      const become = (next: Partial<Persister>, more: Partial<State> = {}) =>
        withWorker(state, i, { ...worker, ...next }, more);
      const again = withWorker(state, i, start);
      switch (at) {
        case 'away':
        case 'refused':
          return [];
        case 'claim': {
          const next = {
            ...worker,
            at: has('claimBeforeOffset') ? ('committed' as const) : ('store-claim' as const),
          };
          const made = claimed<Persister, State>(state, i, has('idPerPartition'), next);
          return [
            { what: `${name} claims the partition's transactional id`, at: 'persister.claim', next: made },
          ];
        }
        case 'committed':
        case 'committed first': {
          const next = at === 'committed' ? 'store-claim' : 'claim';
          return [
            {
              what: `${name} reads the group's offset: ${offset}`,
              at: 'persister.committed',
              next: become({ at: next, rebuildTo: offset }),
            },
          ];
        }
        case 'store-claim': {
          const what = `${name} reads the store's mark: ${store.mark}`;
          const step = { what, at: 'persister.store-claim' };
          const from = has('foldFromMark') && has('commitFirst') ? store.mark : rebuildTo;
          const found = { position: from, mark: store.mark };
          if (from <= rebuildTo) return [{ ...step, next: become({ at: 'read', ...found }) }];
          const ask = has('askBeforeRefusing') ? 'committed again' : 'refused';
          return [{ ...step, what: `${what}, beyond the offset`, next: become({ at: ask, ...found }) }];
        }
        case 'committed again': {
          const step = {
            what: `${name} reads the group's offset again: ${offset}`,
            at: 'persister.committed',
          };
          return [{ ...step, next: position <= offset ? again : become({ at: 'refused' }) }];
        }
        case 'read':
          return readAndFold(state, i);
        case 'commit':
          return commit(state, i);
        case 'commit-offset': {
          if (state.owner !== i)
            return [{ what: `${name} may not commit offset ${change!.to}`, next: again }];
          const step = {
            what: `${name} commits offset ${change!.to} by itself`,
            at: 'persister.commit-offset',
          };
          return [{ ...step, next: become({ at: 'apply' }, { offset: change!.to }) }];
        }
        case 'apply':
          return apply(state, i);
        case 'apply mark': {
          const step = { what: `${name} writes mark ${change!.to} to the store`, at: 'persister.apply' };
          const next = { at: 'read' as const, position: change!.to, mark: change!.to, change: null, out: [] };
          return [{ ...step, next: become(next, { store: { ...store, mark: change!.to } }) }];
        }
      }
    }

    function readAndFold(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { position, rebuildTo, mark } = worker;
      const { store } = state;
      if (position === RECORDS.length) return [];
      if (has('compareOnRead') && store.mark !== mark) {
        const what = `${NAMES[i]} reads values, and finds the mark at ${store.mark} instead of ${mark}`;
        return [{ what, at: 'persister.read', next: withWorker(state, i, start) }];
      }
      const rebuilding = position < rebuildTo;
      const end = rebuilding && has('cutAtOffset') ? rebuildTo : RECORDS.length;
      const silent = rebuilding && has('rebuildSilently');
      const steps: Step<State>[] = [];
      for (let to = position + 1; to <= Math.min(position + SIZE.atOnce, end); to++) {
        const folded = fold(store.values, position, to, has('windowUnderMark') ? undefined : store.seen);
        const next: Persister = {
          ...worker,
          at: silent || !has('commitFirst') ? 'apply' : 'commit',
          change: changeOf(mark, to, store.values, folded.values),
          out: silent ? [] : folded.out,
        };
        const seen = has('windowUnderMark') ? store.seen : folded.seen;
        steps.push({
          what: `${NAMES[i]} reads values and folds records ${position} to ${to - 1}${silent ? ', without writing them again' : ''}`,
          at: 'persister.read',
          next: withWorker(state, i, next, { store: { ...store, seen } }),
        });
      }
      return steps;
    }

    function commit(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { position, change, out } = worker;
      const to = change!.to;
      const what = `${NAMES[i]} commits what became of ${position} to ${to - 1}`;
      const at = 'persister.commit';
      if (worker.fenced) return [{ what: `${what}: it is fenced`, at, next: withWorker(state, i, start) }];
      const together = has('offsetsInTransaction');
      const transaction = { out, offset: together ? to : null };
      let after: Persister = { ...worker, at: together ? 'apply' : 'commit-offset', out: [] };
      if (!has('commitFirst')) after = { ...worker, at: 'read', position: to, change: null, out: [] };
      const said = together ? `${what}, and offset ${to}` : what;
      const steps: Step<State>[] = [
        { what: said, at, next: withWorker(committed(state, transaction), i, after) },
      ];
      const left = used(state.left, 'lostAnswers');
      if (left) {
        const sent = [...state.sent, { id: idOf(i, has('idPerPartition')), ...transaction }];
        const fromMemory: Persister = { ...worker, at: 'read', change: null, out: [] };
        const next = has('claimAfterError') ? start : fromMemory;
        const fault = { what: `${said}, and gets no answer`, at, fault: true };
        steps.push({ ...fault, next: withWorker(state, i, next, { sent, left }) });
      }
      return steps;
    }

    function apply(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { store, late } = state;
      const change = worker.change!;
      const { from, to } = change;
      const what = `${NAMES[i]} writes values${has('markInScript') ? ` and mark ${to}` : ''} to the store`;
      const at = 'persister.apply';
      const done: Persister = has('commitFirst')
        ? { ...worker, at: 'read', position: to, mark: to, change: null, out: [] }
        : { ...worker, at: 'commit', mark: to };
      const steps: Step<State>[] = [];
      if (has('knowOwnChange') && has('compareMark') && store.mark === to) {
        steps.push({ what: `${what}: done already`, at, next: withWorker(state, i, done) });
      } else if (has('compareMark') && store.mark !== from) {
        const refused = `${what}: refused, the mark is ${store.mark} and not ${from}`;
        steps.push({ what: refused, at, next: withWorker(state, i, start) });
      } else {
        const together = has('markInScript');
        const next = together ? done : { ...worker, at: 'apply mark' as const };
        steps.push({
          what,
          at,
          next: withWorker(state, i, next, { store: written(store, change, together) }),
        });
      }
      const left = used(state.left, 'lostAnswers');
      if (left) {
        const next = { ...state, late: [...late, change], left };
        steps.push({ what: `${what}, and gets no answer`, at, fault: true, next });
      }
      return steps;
    }

    /** While there are records to come: one that idles notices it with the next record, or when it claims. */
    function fallBack(state: State): Step<State>[] {
      const left = used(state.left, 'rollbacks');
      if (!left || state.offset === RECORDS.length) return [];
      return earlierStores(state.store).map(({ what, store }) => ({
        ...{ what, fault: true },
        next: { ...state, store, left },
      }));
    }
  },
});

/** At the end the values are those of all records, and the mark says so: else the next claim would fold on top. */
function judgeStore({ values, mark }: Store): Flaw | undefined {
  if (mark !== RECORDS.length) return flaw('profile wrong', `the mark stays at ${mark}`);
  return judgeValues(values, mark);
}
