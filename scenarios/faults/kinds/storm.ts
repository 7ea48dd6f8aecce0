import { z } from 'zod';
import { countedSince } from '../counters.ts';
import { type FaultKind, Witness } from './kind.ts';

const fields = z.strictObject({
  storm: z
    .string()
    .describe(
      'The role, of two processes a stage, whose group has members come and go, killed and ended in turn',
    ),
  times: z.number().int().positive().default(6).describe('How often one goes and comes back'),
  records: z.number().int().positive().default(60).describe('How many records are written in between'),
});

/** Longer than the session of one that was killed, and a rebalance. */
const CLAIMS_WITHIN_MS = 90_000;

/** A storm of rebalances: a group is never left in peace for as long as a batch or two. */
export const storm: FaultKind<typeof fields> = {
  fields,
  touches: ({ storm: role }) => [role],
  async inject({ storm: role, times, records }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'rebalance storm', where: role });
    const incarnations = new Set<string>();
    const members = [role, `${role}-2`];
    const claims = async (member: string) => (await countedSince(0, member, 'claims', world)) > 0;
    let settled = 0;
    for (let i = 0; i < times; i++) {
      const member = members[i % 2]!;
      if (i % 4 < 2) await stack.kill(member, 'SIGKILL');
      else await stack.halt(member);
      await stack.start(member);
      const { incarnation } = await stack.state(member);
      if (incarnation) incarnations.add(incarnation);
      await world.flow(records);
      if (await claims(member)) settled += 1;
    }
    witness.note(
      incarnations.size === times,
      `members were killed or ended, and started again, ${incarnations.size} times; ${settled} of these had partitions before the next went`,
    );
    const both = async () => (await claims(members[0]!)) && (await claims(members[1]!));
    witness.note(await world.becomes(both, CLAIMS_WITHIN_MS), 'afterwards both had claimed partitions');
    return [witness.evidence()];
  },
};
