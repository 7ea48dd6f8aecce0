/** Marks by partition: up to which offset records are folded in. */
export type Marks = ReadonlyMap<string, number>;

/** What can be done to a profile store behind its owner's back, while it is used. */
export interface ProfileSnapshots {
  marks(): Promise<Marks>;
  /** Remembers the store as it is: one step. */
  take(): Promise<void>;
  /** Puts what was taken in the place of what there is now, or nothing: one step. Returns the marks as they were in that step. */
  setBack(to: 'snapshot' | 'nothing'): Promise<Marks>;
  close(): Promise<void>;
}

/** How many offsets the marks lie below what they were, all partitions together. */
export function behindBy(now: Marks, then: Marks): number {
  return [...then].reduce((all, [partition, mark]) => all + Math.max(0, mark - (now.get(partition) ?? 0)), 0);
}
