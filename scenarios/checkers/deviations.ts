import type { Copies } from './arrivals.ts';
import type { ComparisonWatcher } from './compare.ts';
import type { ObservedRow } from './rows.ts';

/** Beyond so many, deviations are counted but not looked into. */
const MOST = 10_000;

/** A line that nobody sent as it is. */
export interface Deviant {
  readonly hop: number;
  readonly kind: 'corrupted' | 'spurious';
  readonly row: ObservedRow;
  /** The hop made it so; otherwise it got it so. */
  readonly own: boolean;
}

/** What a comparison of requests found that has to be looked into: in a run without faults, nothing but unanswered requests. */
export class Deviations implements ComparisonWatcher {
  /** By digest, see `arrivals`. */
  readonly uneven = new Map<string, Copies>();
  readonly deviants: Deviant[] = [];
  /** How often a digest was lost, by hop. */
  readonly lost = new Map<number, Map<string, number>>();

  onUneven(key: string, group: { acknowledged: number; unknown: number; rows: readonly unknown[] }): void {
    const { acknowledged, unknown, rows } = group;
    this.uneven.set(key, { acknowledged, unknown, arrived: rows.length });
  }

  onDeviant(deviant: Deviant): void {
    if (this.deviants.length < MOST) this.deviants.push(deviant);
  }

  onLost(hop: number, key: string, times: number): void {
    const lost = this.lost.get(hop) ?? new Map<string, number>();
    this.lost.set(hop, lost);
    if (lost.size < MOST) lost.set(key, times);
  }
}
