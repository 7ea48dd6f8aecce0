import type { Step } from './explore.ts';
import { reference, type Values } from './visitors.ts';

/** The profile store's partition. */
export interface Store {
  readonly mark: number;
  readonly values: Values;
  /** Windows in keys of their own: used only where they are not part of the values. */
  readonly seen: Values;
}

/** What one batch changes in the store. */
export interface Change {
  readonly from: number;
  readonly to: number;
  /** By visitor; null: unchanged, so not written. */
  readonly values: readonly [string | null, string | null];
}

export function changeOf(from: number, to: number, before: Values, after: Values): Change {
  const value = (v: 0 | 1) => (before[v] === after[v] ? null : after[v]);
  return { from, to, values: [value(0), value(1)] };
}

/** The store with the values of a change, and with its mark unless that is written by itself. */
export function written(store: Store, { to, values }: Change, withMark: boolean): Store {
  return {
    mark: withMark ? to : store.mark,
    values: [values[0] ?? store.values[0], values[1] ?? store.values[1]],
    seen: store.seen,
  };
}

interface WithStore {
  readonly store: Store;
  /** Steps of the store whose client has given up waiting. */
  readonly late: readonly Change[];
}

/** What becomes of steps of the store that nobody waits for any more: they are run now, or never. */
export function lateSteps<S extends WithStore>(state: S, compareMark: boolean): Step<S>[] {
  return state.late.flatMap((change, i) => {
    const without = { ...state, late: state.late.toSpliced(i, 1) };
    const refused = compareMark && state.store.mark !== change.from;
    const run = { ...without, store: refused ? state.store : written(state.store, change, true) };
    return [
      {
        what: `the store gets the change to mark ${change.to} that nobody waits for any more${refused ? ', and refuses it' : ''}`,
        next: run,
      },
      { what: `the change to mark ${change.to} that nobody waits for any more is lost`, next: without },
    ];
  });
}

/** The store falls back to an earlier state of its own. As its state is a function of the mark, that is the fold up to an earlier mark. */
export function earlierStores({ mark }: Store): { what: string; store: Store }[] {
  return reference.slice(0, mark).map(({ values, seen }, to) => ({
    what: to === 0 ? 'the store loses everything' : `the store falls back to mark ${to}`,
    store: { mark: to, values, seen },
  }));
}
