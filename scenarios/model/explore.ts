/** One thing that can happen next, at once and as a whole. */
export interface Step<State> {
  /** What happens, in words. */
  readonly what: string;
  /** The fail point of the pipeline that lies around it, without `:before` and `:after`. */
  readonly at?: string | undefined;
  /** Done by the surroundings: it may happen at any time or never, so nothing may depend on it. */
  readonly fault?: boolean | undefined;
  readonly next: State;
}

/** What must not be, and how it shows. */
export interface Flaw {
  readonly property: string;
  readonly detail: string;
}

/**
 * A protocol as a machine of states. A state is plain JSON with its keys always in the same order (made from another by spread):
 * two states are the same when their texts are.
 */
export interface Model<State extends object> {
  readonly initial: State;
  /** Everything that can happen in a state. */
  steps(state: State): readonly Step<State>[];
  /** What is wrong with a state, whatever may follow. */
  wrong(state: State): Flaw | undefined;
  /** What is wrong with a state when nothing but faults can follow. */
  wrongAtEnd(state: State): Flaw | undefined;
}

export interface Counterexample<State> extends Flaw {
  /** A shortest way into the flaw. */
  readonly trace: readonly Step<State>[];
}

export interface Exploration<State> {
  /** How many states were reached: all there are, unless there is a counterexample. */
  readonly states: number;
  readonly steps: number;
  /** In how many of them nothing but faults can follow. */
  readonly endings: number;
  readonly counterexample: Counterexample<State> | undefined;
}

/** More states than this are a model with bounds too wide, or with none. */
const MOST_STATES = 3_000_000;

/**
 * Looks at every state that can be reached, nearest first, for one that is wrong, one that is wrong as an end, and one from which no
 * end can be reached unless by a fault (property `stuck`). States are compared whole, not by a hash: none is missed.
 *
 * @throws Error when there are more than `most` states
 */
export function explore<State extends object>(model: Model<State>, most = MOST_STATES): Exploration<State> {
  const places = new Map<string, number>();
  /** Those not looked at yet; the others are let go. */
  const waiting: (State | undefined)[] = [];
  const parents: number[] = [];
  const progress = { from: [] as number[], to: [] as number[] };
  const endings: number[] = [];
  let steps = 0;
  let found: { at: number; flaw: Flaw } | undefined;

  const add = (state: State, parent: number): number => {
    const name = JSON.stringify(state);
    const known = places.get(name);
    if (known !== undefined) return known;
    const place = places.size;
    if (place >= most) throw new Error(`the model has more than ${most} states`);
    places.set(name, place);
    waiting.push(state);
    parents.push(parent);
    const flaw = model.wrong(state);
    if (flaw) found ??= { at: place, flaw };
    return place;
  };
  const placeOf = (state: State) => places.get(JSON.stringify(state));
  const result = (): Exploration<State> => ({
    states: places.size,
    steps,
    endings: endings.length,
    counterexample: found && { ...found.flaw, trace: retrace(model, placeOf, parents, found.at) },
  });

  add(model.initial, -1);
  for (let place = 0; place < waiting.length; place++) {
    if (found) return result();
    const state = waiting[place]!;
    waiting[place] = undefined;
    let moved = false;
    for (const { fault, next } of model.steps(state)) {
      steps++;
      const to = add(next, place);
      if (fault) continue;
      moved = true;
      progress.from.push(place);
      progress.to.push(to);
    }
    if (moved) continue;
    endings.push(place);
    const flaw = model.wrongAtEnd(state);
    if (flaw) found ??= { at: place, flaw };
  }
  if (!found) {
    const at = firstWithoutEnd(places.size, progress, endings);
    if (at !== undefined) found = { at, flaw: { property: 'stuck', detail: 'from here on it never ends' } };
  }
  return result();
}

/** The first state from which no end can be reached by steps of the protocol alone. */
function firstWithoutEnd(
  states: number,
  { from, to }: { readonly from: readonly number[]; readonly to: readonly number[] },
  endings: readonly number[],
): number | undefined {
  // Predecessors of a state, in one array: those of state s lie from starts[s] to starts[s + 1].
  const starts = new Uint32Array(states + 1);
  for (const place of to) starts[place + 1]!++;
  for (let place = 0; place < states; place++) starts[place + 1]! += starts[place]!;
  const filled = starts.slice();
  const predecessors = new Uint32Array(from.length);
  for (let i = 0; i < from.length; i++) predecessors[filled[to[i]!]!++] = from[i]!;

  const ends = new Uint8Array(states);
  const queue = [...endings];
  for (const place of queue) ends[place] = 1;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (let i = starts[next]!; i < starts[next + 1]!; i++) {
      const place = predecessors[i]!;
      if (ends[place]) continue;
      ends[place] = 1;
      queue.push(place);
    }
  }
  const place = ends.indexOf(0);
  return place < 0 ? undefined : place;
}

/** The steps that led to a state. Only predecessors are kept, so they are taken once more. */
function retrace<State extends object>(
  model: Model<State>,
  placeOf: (state: State) => number | undefined,
  parents: readonly number[],
  at: number,
): Step<State>[] {
  const way: number[] = [];
  for (let place = at; place > 0; place = parents[place]!) way.unshift(place);
  let state = model.initial;
  return way.map((place) => {
    const step = model.steps(state).find(({ next }) => placeOf(next) === place)!;
    state = step.next;
    return step;
  });
}
