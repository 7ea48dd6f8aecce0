import { groupOf } from '../names.ts';
import type { FaultWorld } from './kind.ts';

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
  const { stack } = world;
  const reading = stack.readings.find(({ group }) => group === groupOf(stack, role));
  if (reading === undefined) throw new Error(`${role} reads nothing`);
  const until = world.now() + forMs;
  const pile = { records: 0, ends: [] as Awaited<ReturnType<typeof stack.ends>> };
  const left = () => stack.lag(reading, pile.ends);
  const piledUp = async () => {
    pile.ends = await stack.ends(reading.topic);
    pile.records = await left();
    return pile.records > 0;
  };
  if (!(await world.becomes(piledUp, withinMs))) return undefined;
  if (!(await world.comesToNothing(left, withinMs))) return undefined;
  await world.sleep(until - world.now());
  return pile.records;
}
