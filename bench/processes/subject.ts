import type { Measured } from '../benchmark.ts';
import type { HotSpot } from '../profile/hot-spots.ts';

/** Something to measure, in a process of its own. */
export interface Subject<Task = void, Outcome extends Measured = Measured> {
  /** Does it once. What has to be made ready for that is not timed. */
  run(task: Task): Promise<Outcome> | Outcome;
}

/** To a subject's process. */
export interface RunMessage {
  readonly type: 'run';
  readonly task: unknown;
  /** Looks where the time goes meanwhile. */
  readonly profile: boolean;
}

/** From a subject's process. */
export type SubjectMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly measured: Measured; readonly hotSpots: readonly HotSpot[] }
  | { readonly type: 'failed'; readonly message: string };
