import type { ControlledStack } from '../../containers/controlled-stack.ts';
import type { ContainerUsage } from '../../containers/engine/index.ts';

/** A stack that is measured, and what its servers use, where these are in containers. */
export interface MeasuredStack {
  readonly stack: ControlledStack;
  servers(): Promise<ReadonlyMap<string, ContainerUsage>>;
}

/** A kind of stack, and what is asked of it. */
export interface StackKind {
  /** Names the figures. */
  readonly title: string;
  /** The folder of the checked run. */
  readonly folder: string;
  /** Flags of `clickproof simulate` that choose it. */
  readonly flags: readonly string[];
  /** Events a second. */
  readonly aim: number;
  /** How long its processes take to get as fast as they are going to be: those of a stack are new, and compile. */
  readonly warmUpSeconds: number;
  /** What is asked of the memory of all processes, MB. Undefined: the servers', which somebody else sizes, are the most of it. */
  readonly memoryAim?: number;
  start(options: {
    readonly dataDir: string;
    readonly clickproof: readonly string[];
  }): Promise<MeasuredStack>;
}
