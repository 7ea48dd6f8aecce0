import { join } from 'node:path';
import type { HopResult } from '../../reports/result.ts';
import type { Proof, ProofEvents, Prover } from '../runs/prover.ts';
import type { Patience } from '../runs/until-still.ts';
import { proveDeclared } from './prove-declared.ts';
import type { DeclaredReader } from './reader.ts';

interface Options extends Patience {
  /** In the order of the data. */
  readonly readers: readonly DeclaredReader[];
  /** Where the ledger is, and intermediate files go. */
  readonly folder: string;
}

/** Proves a run through somebody else's pipeline, by the hops that they declare. */
export class DeclaredProver implements Prover {
  readonly #options: Options;

  private constructor(options: Options) {
    this.#options = options;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  static async begin(options: Options): Promise<DeclaredProver> {
    for (const reader of options.readers) await reader.begin();
    return new DeclaredProver(options);
  }

  async prove(events: ProofEvents): Promise<Proof> {
    const { folder, readers } = this.#options;
    try {
      return await proveDeclared({
        ...this.#options,
        ledger: join(folder, 'ledger'),
        folder: join(folder, 'check'),
        onHop: events.checking,
        onLook: (hops) => events.draining?.(progressOf(hops)),
      });
    } finally {
      for (const reader of readers) await reader.close();
    }
  }
}

/** As much as can be told from outside. */
function progressOf(hops: readonly HopResult[]) {
  const missing = Object.fromEntries(hops.map(({ hop, lost }) => [hop, lost]));
  return {
    records: Object.fromEntries(hops.map(({ hop, delivered }) => [hop, delivered])),
    lag: missing,
    behind: missing,
    unshippedBytes: 0,
  };
}
