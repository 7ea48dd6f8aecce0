/**
 * Kafka's range assignment: consecutive partitions for each member, the first ones taking one more where it does not come out
 * even. The members' order is that in which they joined, so that everybody computes the same.
 */
export function rangeAssignment(partitions: number, members: readonly string[], member: string): number[] {
  const index = members.indexOf(member);
  if (index < 0) return [];
  const share = Math.floor(partitions / members.length);
  const extra = partitions % members.length;
  const from = index * share + Math.min(index, extra);
  const count = share + (index < extra ? 1 : 0);
  return Array.from({ length: count }, (_, i) => from + i);
}
