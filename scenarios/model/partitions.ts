import type { Flaw, Model, Step } from './explore.ts';
import { flaw, type Guard, part, used } from './part.ts';

const GUARDS = {
  countInStore: {
    what: 'the store knows from how many partitions it was folded; another number is refused',
    without: 'repeated',
  },
  countOfAll: {
    what: 'a partition that was never folded asks the others how many they were',
    without: 'repeated',
  },
  drainFirst: { what: 'partitions are added only when everything has been folded', without: 'repeated' },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

/** One visitor's events: the first one in the only partition there was, it once more and another one in the partition that was added. */
const RECORDS = [['a'], ['a', 'c']] as const;
const BOTH = [0, 1] as const;

/** Each partition's worker, a process of its own, and what is stored for the partition. */
interface Partition {
  readonly at: 'away' | 'claim' | 'work' | 'refused';
  /** How many partitions the topic had when the worker claimed. */
  readonly sees: number;
  readonly mark: number;
  /** How many partitions it was folded from; null: it never was. */
  readonly foldedFrom: number | null;
  readonly counted: string;
}

interface State {
  readonly topic: 1 | 2;
  readonly partitions: readonly [Partition, Partition];
  readonly out: readonly string[];
  readonly left: { readonly kills: number; readonly additions: number };
}

const NEW: Partition = { at: 'claim', sees: 0, mark: 0, foldedFrom: null, counted: '' };

/** A batch is one step here: what comes between its parts is the model of the profile stage. */
export const partitions = part<Name, keyof State['left'], State>({
  name: 'partitions',
  about: 'a partition is added to the input topic of the profile stage',
  size: { visitors: 1, records: 3 },
  searches: [{ faults: { kills: 2, additions: 1 }, states: 25 }],
  guards: GUARDS,
  model(has, faults): Model<State> {
    return {
      initial: { topic: 1, partitions: [NEW, { ...NEW, at: 'away' }], out: [], left: faults },
      steps: (state) => [...addition(state), ...BOTH.flatMap((p) => work(state, p))],
      wrong: ({ out }) => judge(out),
      wrongAtEnd: () => undefined,
    };

    function withPartition(
      state: State,
      p: 0 | 1,
      next: Partial<Partition>,
      more: Partial<State> = {},
    ): State {
      const [first, second] = state.partitions;
      const changed = { ...state.partitions[p], ...next };
      return { ...state, ...more, partitions: p === 0 ? [changed, second] : [first, changed] };
    }

    function addition(state: State): Step<State>[] {
      const left = used(state.left, 'additions');
      if (!left || (has('drainFirst') && state.partitions[0].mark < RECORDS[0].length)) return [];
      const next = withPartition(state, 1, { at: 'claim' }, { topic: 2, left });
      return [{ what: 'a second partition is added; from now on the visitor is there', fault: true, next }];
    }

    function work(state: State, p: 0 | 1): Step<State>[] {
      const { at, mark, sees, counted } = state.partitions[p];
      const name = `the worker of partition ${p}`;
      const steps: Step<State>[] = [];
      const kills = used(state.left, 'kills');
      if (kills && at !== 'away') {
        const next = withPartition(state, p, { at: 'claim', sees: 0 }, { left: kills });
        steps.push({ what: `${name} is killed and started again`, fault: true, next });
      }
      if (at === 'claim') {
        const refuses = isRefused(state, p);
        steps.push({
          what: `${name} claims it, and ${refuses ? 'refuses to go on' : `sees ${state.topic} in all`}`,
          at: 'persister.store-claim',
          next: withPartition(state, p, refuses ? { at: 'refused' } : { at: 'work', sees: state.topic }),
        });
      }
      const id = RECORDS[p][mark];
      if (at === 'work' && id !== undefined) {
        const isNew = !counted.includes(id);
        const after = isNew ? counted + id : counted;
        const out = isNew ? [...state.out, `${id}${after.length}`] : state.out;
        steps.push({
          what: `${name} folds event ${id}${isNew ? '' : ', which it knows'}`,
          at: 'persister.apply',
          next: withPartition(state, p, { mark: mark + 1, foldedFrom: sees, counted: after }, { out }),
        });
      }
      return steps;
    }

    function isRefused({ topic, partitions: all }: State, p: 0 | 1): boolean {
      const differs = ({ foldedFrom }: Partition) => foldedFrom !== null && foldedFrom !== topic;
      if (!has('countInStore')) return false;
      return all[p].foldedFrom === null && has('countOfAll') ? all.some(differs) : differs(all[p]);
    }
  },
});

/** Each event once, and with the number that it has among its visitor's. */
function judge(out: readonly string[]): Flaw | undefined {
  const ids = out.map((one) => one[0]!);
  const repeated = ids.find((id, i) => ids.indexOf(id) < i);
  if (repeated !== undefined) return flaw('repeated', `event ${repeated} was written twice`);
  const wrong = out.find((one, i) => Number(one[1]) !== i + 1);
  if (wrong === undefined) return undefined;
  return flaw('profile wrong', `event ${wrong[0]} says that it is its visitor's number ${wrong[1]}`);
}
