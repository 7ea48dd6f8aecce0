import type { Expectation, TrafficKind } from '../ledger/records.ts';
import type { Timed } from './agenda.ts';
import type { PlannedRequest } from './request.ts';

/** A request but for its number and due time, which it gets from its place in the plan. */
export type Draft = Omit<PlannedRequest, 'request' | 'due'>;

/** Something that sends requests, one step at a time. */
export interface Actor extends Timed {
  /** Does what is due at `at`, and says whether there is more to come (then `at` has moved on). */
  act(stage: Stage): boolean;
}

/** What an actor can do. */
export interface Stage {
  /** False before the run's begin: then nothing is to be sent, only state moves on. */
  readonly live: boolean;
  /** Puts a request into the plan; gives its number. */
  send(draft: Draft): number;
  /** Puts another actor into the agenda. */
  enter(actor: Actor): void;
}

/** An actor with one single request. */
export function single(at: number, draft: () => Draft): Actor {
  return {
    at,
    act(stage) {
      if (stage.live) stage.send(draft());
      return false;
    },
  };
}

export function expecting(kind: TrafficKind, expect: Expectation): Pick<Draft, 'kind' | 'expect'> {
  return { kind, expect };
}
