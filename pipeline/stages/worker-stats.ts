import type { OutRecord } from '../log/port.ts';
import type { Gap } from './starting-offset.ts';

/** What a worker has done since it started. Counts are of committed records only. */
export interface WorkerStats {
  /** Records read and committed. */
  readonly records: number;
  /** Records written to the next topic. */
  readonly outputs: number;
  /** Records written to the failed topic. */
  readonly failed: number;
  /** Records by what became of them: `processed`, `refused`, `ignored: health`… */
  readonly classes: Readonly<Record<string, number>>;
  readonly transactions: number;
  /** How often a partition was claimed, successfully: more than once a partition means errors or rebalances. */
  readonly claims: number;
  /** How often a partition was let go that was claimed, or was to be: after an error, or when it went to another. */
  readonly releases: number;
  readonly errors: number;
  /** The next offset by partition held. */
  readonly positions: Readonly<Record<number, number>>;
  /** Offsets that were lost because the log no longer had them. */
  readonly gaps: readonly (Gap & { readonly partition: number })[];
}

/** Counts what a worker does. */
export class WorkerCounters {
  records = 0;
  outputs = 0;
  failed = 0;
  transactions = 0;
  claims = 0;
  releases = 0;
  errors = 0;
  readonly classes = new Map<string, number>();
  readonly positions = new Map<number, number>();
  readonly gaps: (Gap & { partition: number })[] = [];

  count(name: string, by = 1): void {
    this.classes.set(name, (this.classes.get(name) ?? 0) + by);
  }

  wrote(sources: number, written: readonly OutRecord[], failedTopic: string): void {
    this.records += sources;
    for (const { topic } of written) {
      if (topic === failedTopic) this.failed++;
      else this.outputs++;
    }
  }

  snapshot(): WorkerStats {
    return {
      records: this.records,
      outputs: this.outputs,
      failed: this.failed,
      classes: Object.fromEntries(this.classes),
      transactions: this.transactions,
      claims: this.claims,
      releases: this.releases,
      errors: this.errors,
      positions: Object.fromEntries(this.positions),
      gaps: [...this.gaps],
    };
  }
}
