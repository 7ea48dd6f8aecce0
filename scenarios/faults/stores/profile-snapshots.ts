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

/** Whether a partition's mark is below what it was. */
export function isBehind(now: Marks, then: Marks): boolean {
  return [...then].some(([partition, mark]) => (now.get(partition) ?? 0) < mark);
}
