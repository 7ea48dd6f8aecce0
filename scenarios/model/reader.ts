import type { Model, Step } from './explore.ts';
import { flaw, type Guard, part, used } from './part.ts';

const GUARDS = {
  sortAborted: {
    what: 'aborted transactions are taken by where they begin, not as the broker lists them',
    without: 'repeated',
  },
  allThatBegan: {
    what: 'at each record all that have begun are taken from the list, not one',
    without: 'repeated',
  },
  endAtMarker: {
    what: 'the marker of the abort ends it: what the producer writes later counts',
    without: 'lost',
  },
  markerByFlag: { what: 'a marker is known by the flag of its batch, not by its key', without: 'repeated' },
  lastStableOffset: { what: 'nothing is read beyond the first open transaction', without: 'repeated' },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

const PRODUCERS = [0, 1] as const;

/** `data`; `nul`: data whose key looks like an abort marker's; `commit` and `abort`: markers. */
interface Entry {
  readonly kind: 'data' | 'nul' | 'commit' | 'abort';
  readonly by: number;
}

interface Aborted {
  readonly by: number;
  readonly first: number;
}

/** One fetch: from an offset to the end that the broker shows, with the list of the aborted transactions that reach into it. */
interface Fetch {
  readonly from: number;
  readonly at: number;
  readonly end: number;
  /** Not yet come upon, in the order in which they are taken. */
  readonly ahead: readonly Aborted[];
  /** Producers whose records are skipped. */
  readonly skipped: readonly number[];
  /** The offsets of what was given to the application. */
  readonly given: readonly number[];
}

interface State {
  readonly log: readonly Entry[];
  readonly fetch: Fetch | null;
  readonly left: { readonly entries: number; readonly nulKeys: number };
}

/** `pipeline/log/kafka/wire/abort-filter.ts`. */
export const reader = part<Name, keyof State['left'], State>({
  name: 'reader',
  about: 'a reader of committed records: it skips those of aborted transactions',
  size: { producers: PRODUCERS.length },
  searches: [
    { faults: { entries: 6, nulKeys: 0 }, states: 30_735 },
    { faults: { entries: 5, nulKeys: 1 }, states: 21_649 },
    { faults: { entries: 7, nulKeys: 1 }, states: 888_561, deep: true },
  ],
  guards: GUARDS,
  model(has, faults): Model<State> {
    return {
      initial: { log: [], fetch: null, left: faults },
      steps: (state) => (state.fetch ? read(state, state.fetch) : [...append(state), ...begin(state)]),
      wrong({ log, fetch }) {
        if (!fetch) return undefined;
        const last = fetch.given.at(-1);
        if (last !== undefined && outcome(log, last) !== 'commit') {
          return flaw(
            'repeated',
            `record ${last} of a transaction that was not committed is given out; it will come again`,
          );
        }
        const passed = log.findIndex(
          (_, offset) => isDue(log, fetch, offset) && !fetch.given.includes(offset),
        );
        return passed < 0 ? undefined : flaw('lost', `record ${passed}, which was committed, is skipped`);
      },
      wrongAtEnd: () => undefined,
    };

    /** Producers write and end transactions in any order. */
    function append({ log, left: before }: State): Step<State>[] {
      const left = used(before, 'entries');
      if (!left) return [];
      return PRODUCERS.flatMap((by) => {
        const steps: Step<State>[] = [];
        const add = (kind: Entry['kind'], what: string, now = left) =>
          steps.push({ what, fault: true, next: { log: [...log, { kind, by }], fetch: null, left: now } });
        const name = `producer ${'AB'[by]}`;
        add('data', `${name} writes record ${log.length}`);
        const nul = used(left, 'nulKeys');
        if (nul) add('nul', `${name} writes record ${log.length}, with a key of four zero bytes`, nul);
        if (isOpen(log, by)) {
          add('commit', `${name} commits`);
          add('abort', `${name} aborts`);
        }
        return steps;
      });
    }

    /** A fetch from any offset; what is open by then is aborted later. */
    function begin({ log, left }: State): Step<State>[] {
      const open = PRODUCERS.filter((by) => isOpen(log, by)).map((by) => firstOf(log, by, log.length));
      const end = has('lastStableOffset') ? Math.min(log.length, ...open) : log.length;
      return Array.from({ length: end }, (_, from) => {
        const ahead = abortedIn(log, from, end);
        if (has('sortAborted')) ahead.sort((a, b) => a.first - b.first);
        const fetch = { from, at: from, end, ahead, skipped: [], given: [] };
        return {
          what: `a fetch begins at offset ${from}, up to ${end - 1}`,
          fault: true,
          next: { log, fetch, left },
        };
      });
    }

    function read(state: State, fetch: Fetch): Step<State>[] {
      const { at, end } = fetch;
      if (at === end) return [];
      const { kind, by } = state.log[at]!;
      let { ahead, skipped } = fetch;
      while (ahead.length > 0 && ahead[0]!.first <= at) {
        skipped = [...skipped.filter((one) => one !== ahead[0]!.by), ahead[0]!.by].sort();
        ahead = ahead.slice(1);
        if (!has('allThatBegan')) break;
      }
      const isMarker = kind === 'commit' || kind === 'abort';
      const endsAbort = kind === 'abort' || (kind === 'nul' && !has('markerByFlag'));
      if (endsAbort && has('endAtMarker')) skipped = skipped.filter((one) => one !== by);
      const gives = !isMarker && !skipped.includes(by);
      const given = gives ? [...fetch.given, at] : fetch.given;
      const what = isMarker ? `passes the marker at ${at}` : `${gives ? 'gives out' : 'skips'} record ${at}`;
      const next = { ...state, fetch: { ...fetch, at: at + 1, ahead, skipped, given } };
      return [{ what: `the reader ${what}`, next }];
    }
  },
});

/** Whether a committed record has been passed by the fetch. */
function isDue(log: readonly Entry[], { from, at }: Fetch, offset: number): boolean {
  return offset >= from && offset < at && isRecord(log[offset]!) && outcome(log, offset) === 'commit';
}

const isRecord = ({ kind }: Entry): boolean => kind === 'data' || kind === 'nul';

/** How the transaction of a record ended. */
function outcome(log: readonly Entry[], offset: number): 'commit' | 'abort' | 'open' {
  const { by } = log[offset]!;
  const marker = log.slice(offset).find((entry) => entry.by === by && !isRecord(entry));
  return marker === undefined ? 'open' : (marker.kind as 'commit' | 'abort');
}

function isOpen(log: readonly Entry[], by: number): boolean {
  const last = log.findLast((entry) => entry.by === by);
  return last !== undefined && isRecord(last);
}

/** Where the transaction begins that a producer has open, or ends, before an offset. */
function firstOf(log: readonly Entry[], by: number, before: number): number {
  const previous = log.findLastIndex(
    (entry, offset) => offset < before && entry.by === by && !isRecord(entry),
  );
  return log.findIndex((entry, offset) => offset > previous && entry.by === by);
}

/** The broker's list: aborted transactions that reach into a range, in the order in which they ended. */
function abortedIn(log: readonly Entry[], from: number, end: number): Aborted[] {
  return log.flatMap(({ kind, by }, marker) => {
    if (kind !== 'abort' || marker < from) return [];
    const first = firstOf(log, by, marker);
    return first < end ? [{ by, first }] : [];
  });
}
