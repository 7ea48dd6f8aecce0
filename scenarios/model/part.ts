import { type Exploration, explore, type Flaw, type Model, type Step } from './explore.ts';

/** What can be violated. */
export type Property =
  /** Something that counts as done never arrives. */
  | 'lost'
  /** Something arrives twice. */
  | 'repeated'
  /** Something arrives before what it follows. */
  | 'reordered'
  /** A profile, or the value of one on an event, is not the fold of the visitor's events. */
  | 'profile wrong'
  /** Nothing goes on although there is more to do. */
  | 'stopped';

/** One precaution of the protocol. Each can be left out. */
export interface Guard {
  /** What it is. */
  readonly what: string;
  /** What is violated without it, as the shortest counterexample shows; null: nothing within the bounds, and `why` says the reason. */
  readonly without: Property | null;
  readonly why?: string;
}

/** How often each fault may happen, in one search. */
export interface Search<Fault extends string = string> {
  readonly faults: Readonly<Record<Fault, number>>;
  /** How many states there are with all guards in place. */
  readonly states: number;
  /** Takes too long to be done with every change: on request. */
  readonly deep?: true;
}

/** A part of the delivery protocol. */
export interface Part<
  Guards extends string = string,
  Fault extends string = string,
  State extends object = object,
> {
  readonly name: string;
  /** What it is a model of. */
  readonly about: string;
  /** How much there is of everything else than faults. */
  readonly size: Readonly<Record<string, number>>;
  readonly searches: readonly Search<Fault>[];
  readonly guards: Readonly<Record<Guards, Guard>>;
  model(has: (guard: Guards) => boolean, faults: Readonly<Record<Fault, number>>): Model<State>;
}

/** A part, with its types forgotten: what a list of parts holds. */
export interface AnyPart extends Omit<Part, 'model'> {
  /** Searches all states, with all guards in place or without one. */
  search(search: Search, without?: string): Exploration<object>;
}

export function part<Guards extends string, Fault extends string, State extends object>(
  given: Part<Guards, Fault, State>,
): AnyPart {
  const { model, ...rest } = given;
  return {
    ...rest,
    search: ({ faults }, without) => explore(model((guard) => guard !== without, faults)),
  };
}

/** What goes wrong without a guard: the first search that finds it, and how many states it took. */
export function counterexampleOf(part: AnyPart, guard: string) {
  let states = 0;
  for (const search of part.searches) {
    if (search.deep) continue;
    const found = part.search(search, guard);
    states += found.states;
    if (found.counterexample) return { ...found.counterexample, states };
  }
  return { property: undefined, states };
}

/** A flaw of a property that there is. */
export function flaw(property: Property, detail: string): Flaw {
  return { property, detail };
}

/** What is left of a fault's bound once it has happened; undefined when it may not happen any more. */
export function used<Left extends Readonly<Record<string, number>>>(
  left: Left,
  fault: keyof Left,
): Left | undefined {
  return left[fault]! > 0 ? { ...left, [fault]: left[fault]! - 1 } : undefined;
}

/** A list without its undefined entries: steps that are possible only sometimes are written as one expression each. */
export function possible<State>(...steps: (Step<State> | undefined | false)[]): Step<State>[] {
  return steps.filter((step) => step !== undefined && step !== false);
}
