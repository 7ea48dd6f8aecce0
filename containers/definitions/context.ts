import type { Engine } from '../engine/index.ts';

/** What all containers of one run have in common. */
export interface ContainerContext {
  readonly engine: Engine;
  /** Names the run; in the names and labels of what it starts. */
  readonly run: string;
  /** The id of the network on which they find each other by name. */
  readonly network: string;
  /** They stay up when this process ends, until they are taken down by the run's name. */
  readonly kept: boolean;
  /** Gives up what is being pulled or about to be started. */
  readonly signal?: AbortSignal | undefined;
}
