import type { StackProgress } from '../../containers/stack.ts';
import type { CheckReport } from '../checkers/check.ts';

/** What became of a run's events. */
export type Proof = Pick<
  CheckReport,
  'verdict' | 'reasons' | 'hops' | 'conservation' | 'findings' | 'profiles'
>;

/** Who wants to know how a proof goes on. */
export interface ProofEvents {
  /** Everything has come through; what it does is over before anything is compared. */
  drained?(): Promise<void>;
  draining?(stack: StackProgress): void;
  checking?(hop: string): void;
}

/** Made before a run sends anything: from then on it knows where everything stood. */
export interface Prover {
  /**
   * Waits until what was sent has come through, and compares it with the ledger.
   *
   * @throws ClickproofError NOT_DRAINED, HOP_UNREADABLE, LEDGER_UNREADABLE
   */
  prove(events: ProofEvents): Promise<Proof>;
}
