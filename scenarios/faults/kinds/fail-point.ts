import { z } from 'zod';
import { type FaultEvidence, type FaultKind, type FaultWorld, Witness } from './kind.ts';

const POINT = /^([a-z-]+)\.([a-z-]+:(?:before|after))(?:@(\d+))?$/;

const fields = z.strictObject({
  dieAt: z
    .array(z.string().regex(POINT, 'a fail point like persister.commit:after@2'))
    .min(1)
    .refine((points) => new Set(points.map((point) => point.split('.')[0])).size === 1, 'steps of one stage')
    .describe('The steps of a stage at which its process kills itself, one after the other'),
});

/** How long a stage may take to come by a point while traffic flows. */
const REACHED_WITHIN_MS = 60_000;

/** A stage that dies at the steps of its protocol: it is started with each fail point in turn, and then without any. */
export const failPoint: FaultKind<typeof fields> = {
  fields,
  touches: ({ dieAt }) => [POINT.exec(dieAt[0]!)![1]!],
  async inject({ dieAt }, world) {
    const role = POINT.exec(dieAt[0]!)![1]!;
    const evidence: FaultEvidence[] = [];
    await world.stack.kill(role, 'SIGKILL');
    for (const point of dieAt) evidence.push(await die(role, point, world));
    await world.stack.start(role);
    return evidence;
  },
};

async function die(role: string, point: string, world: FaultWorld): Promise<FaultEvidence> {
  const { stack } = world;
  const [, stage, step, count = '1'] = POINT.exec(point)!;
  const witness = new Witness(world, { table: 'fail points', fault: step!, where: stage! });
  const armed = { CLICKPROOF_FAIL_POINTS: `${stage}.${step}@${count}=kill` };
  const restarts = stack.restarts.length;
  // It can die before it has said that it is ready.
  const early = await stack.start(role, armed).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const died = await world.becomes(() => !stack.pids().has(role), REACHED_WITHIN_MS);
  const how = early ?? stack.restarts.slice(restarts).find((restart) => restart.role === role)?.how;
  witness.note(died && /ended by SIGKILL/.test(how ?? ''), `${role} died at ${point}`);
  if (!died) await stack.kill(role, 'SIGKILL');
  return witness.evidence();
}
