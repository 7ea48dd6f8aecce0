import type { Stack, Target } from '../../containers/stack.ts';
import type { Prover } from '../../scenarios/runs/prover.ts';

/** A stack that runs, and how its traffic is proven. */
export type Provable =
  | { readonly stack: Stack; readonly prover?: undefined; readonly leftovers?: undefined }
  | {
      readonly stack: Target;
      /** Made when nothing has been sent yet. */
      prover(): Promise<Prover>;
      /** What stays in services that are somebody's own, and how it is deleted. */
      leftovers(): Promise<string[]>;
    };
