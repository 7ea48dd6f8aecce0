import type { StackProgress } from '../../containers/stack.ts';
import type { MetricResult } from '../../reports/result.ts';
import type { CheckReport } from '../checkers/check.ts';

/** What became of a run's events. */
export interface Proof
  extends Pick<CheckReport, 'verdict' | 'reasons' | 'hops' | 'conservation' | 'findings' | 'profiles'> {
  /** What the pipeline says of it. Left out where it is not asked. */
  readonly metrics?: readonly MetricResult[];
}

/** Who wants to know how a proof goes on. */
export interface ProofEvents {
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
