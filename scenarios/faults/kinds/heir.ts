import { groupOf } from '../names.ts';
import type { FaultWorld } from './kind.ts';

/**
 * Waits until so many records lie before a role's group.
 *
 * @param withinMs so long it may take
 * @returns whether they did in time, how many there were at last, and how many are left of these
 */
export async function piledUp(
  role: string,
  atLeast: number,
  withinMs: number,
  world: FaultWorld,
): Promise<{ readonly enough: boolean; readonly records: number; left(): Promise<number> }> {
  const { stack } = world;
  const reading = stack.readings.find(({ group }) => group === groupOf(stack, role));
  if (reading === undefined) throw new Error(`${role} reads nothing`);
  const pile = { records: 0, ends: [] as Awaited<ReturnType<typeof stack.ends>> };
  const left = () => stack.lag(reading, pile.ends);
  const grown = async () => {
    pile.ends = await stack.ends(reading.topic);
    pile.records = await left();
    return pile.records >= atLeast;
  };
  const enough = await world.becomes(grown, withinMs);
  return { enough, records: pile.records, left };
}

/**
 * While a member of its group stands still: waits until records lie before the group, and then until it has come past all of these, those in
 * the partitions of the one that stands still among them. Only another member can have done that.
 *
 * @param forMs it waits at least so long
 * @param withinMs so long there may be none, or not fewer
 * @returns how many records there were; undefined when it did not come to that in time
 */
export async function takenOver(
  role: string,
  { forMs = 0, withinMs }: { forMs?: number; withinMs: number },
  world: FaultWorld,
): Promise<number | undefined> {
  const until = world.now() + forMs;
  const { enough, records, left } = await piledUp(role, 1, withinMs, world);
  if (!enough || !(await world.comesToNothing(left, withinMs))) return undefined;
  await world.sleep(until - world.now());
  return records;
}
