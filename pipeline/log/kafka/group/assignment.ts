/** What a member says of itself when it joins. */
export interface Member {
  readonly id: string;
  /** The partitions it holds and goes on working on. */
  readonly owned: readonly number[];
}

/**
 * Shares out partitions as evenly as can be, and lets every member keep as much as it has of its share. A partition that somebody else
 * still holds goes to nobody yet: its holder lets go when it sees that it is not among its own, joins again, and then it is free. So no
 * partition is ever two members', and those that stay are worked on all the while.
 *
 * Depends on nothing but its arguments.
 */
export function assign(partitions: number, members: readonly Member[]): Map<string, number[]> {
  const holders = new Map<number, string[]>();
  for (const { id, owned } of members) {
    for (const partition of owned) {
      if (partition < partitions) holders.set(partition, [...(holders.get(partition) ?? []), id]);
    }
  }
  const shares = fairShares(partitions, members);
  const assigned = new Map<string, number[]>(members.map(({ id }) => [id, []]));
  // What two members say they hold, neither keeps.
  for (const [partition, [holder, ...others]] of [...holders].sort(([a], [b]) => a - b)) {
    const kept = assigned.get(holder!)!;
    if (others.length === 0 && kept.length < shares.get(holder!)!) kept.push(partition);
  }
  const wanting = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (let partition = 0; partition < partitions; partition++) {
    if (holders.has(partition)) continue;
    const taker = wanting.find(({ id }) => assigned.get(id)!.length < shares.get(id)!);
    assigned.get(taker!.id)!.push(partition);
  }
  for (const share of assigned.values()) share.sort((a, b) => a - b);
  return assigned;
}

/** How many partitions each member is to have in the end: those that hold the most get what does not come out even. */
function fairShares(partitions: number, members: readonly Member[]): Map<string, number> {
  const least = Math.floor(partitions / members.length);
  const extra = partitions % members.length;
  const order = [...members].sort((a, b) => b.owned.length - a.owned.length || (a.id < b.id ? -1 : 1));
  return new Map(order.map(({ id }, i) => [id, least + (i < extra ? 1 : 0)]));
}
