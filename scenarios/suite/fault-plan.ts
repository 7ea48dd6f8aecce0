import type { FaultEvidence, FaultWorld } from '../faults/kinds/index.ts';
import { type Fault, type FaultPlan, type ReadFault, readFault } from './scenario.ts';

/** So that there is something in every hop's hands. */
const FLOWS_BEFORE = 200;

/**
 * Lets the faults of a plan that is possible here happen, each when it is due, and lets traffic flow on after the last.
 *
 * @param onOver told what was seen of each, when it is over
 */
export async function happen(
  scenario: string,
  plan: FaultPlan,
  world: FaultWorld,
  onOver: (evidence: FaultEvidence) => void,
): Promise<void> {
  for (const step of plan) {
    const together: readonly Fault[] = Array.isArray(step) ? step : [step as Fault];
    const results = await Promise.allSettled(
      together.map(async (fault) => {
        const read = readFault(scenario, fault);
        await due(read.when, world);
        // The kind's own schema has read the fields.
        const evidence = await (read.kind.inject as Inject)(read.fields, world);
        evidence.forEach(onOver);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
  await world.flow(FLOWS_BEFORE);
}

type Inject = (fields: unknown, world: FaultWorld) => Promise<readonly FaultEvidence[]>;

async function due({ at, after }: ReadFault['when'], world: FaultWorld): Promise<void> {
  if (at !== undefined && 'share' in at) await world.sent(at.share);
  else if (at !== undefined) await world.sleep(at.ms - world.now());
  else if (after !== undefined && 'ms' in after) await world.sleep(after.ms);
  else await world.flow(after?.records ?? FLOWS_BEFORE);
}
