import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const SECONDS = { s: 1, m: 60, h: 3_600 } as const;

const fields = z.strictObject({
  clock: z
    .string()
    .describe('The role whose wall clock jumps while it works, and is right again after a restart'),
  jumps: z
    .string()
    .regex(/^[+-]\d+[smh]$/, 'a jump like +1h or -90s')
    .transform((text) => {
      const unit = text.at(-1) as keyof typeof SECONDS;
      return Number(text.slice(0, -1)) * SECONDS[unit] * 1_000;
    })
    .describe('Forward or back, and how far'),
  records: z
    .number()
    .int()
    .positive()
    .default(300)
    .describe('How many records are written with the wrong time'),
});

const PRELOADED = new URL('../clock/jumping-clock.ts', import.meta.url).href;
/** So that it works with the right time before. */
const AFTER_MS = 2_000;
const JUMPED_WITHIN_MS = 20_000;

/** A wall clock that is set while a process runs. Those of the servers are left alone. */
export const clock: FaultKind<typeof fields> = {
  fields,
  touches: ({ clock: role }) => [role],
  async inject({ clock: role, jumps, records }, world) {
    const { stack } = world;
    const direction = jumps > 0 ? 'forward' : 'back';
    const witness = new Witness(world, { table: 'faults', fault: `clock ${direction}`, where: role });
    const before = await jumpsOf(role, world);
    await stack.halt(role);
    await stack.start(role, {
      NODE_OPTIONS: `--import ${PRELOADED}?by=${jumps}&after=${AFTER_MS}`,
    });
    const { incarnation } = await stack.state(role);
    const jumped = async () => (await jumpsOf(role, world)).length > before.length;
    const seen = await world.becomes(jumped, JUMPED_WITHIN_MS);
    witness.note(
      seen,
      `${role} (${incarnation}): ${(await jumpsOf(role, world)).at(-1) ?? 'its clock did not jump'}`,
    );
    await world.flow(records);
    const same = (await stack.state(role)).incarnation === incarnation;
    witness.note(same, `${role} worked on, the same process`);
    await stack.halt(role);
    await stack.start(role);
    return [witness.evidence()];
  },
};

/** What it has said of that in its log. */
async function jumpsOf(role: string, { stack }: FaultWorld): Promise<string[]> {
  const log = join(dirname(dirname(stack.accessLog)), 'logs', `${role}.log`);
  const lines = (await readFile(log, 'utf8')).split('\n');
  return lines.filter((line) => line.includes('the clock has jumped'));
}
