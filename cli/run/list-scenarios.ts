import { SERVICES, type ServiceName } from '../../containers/external/services.ts';
import { loadScenarios } from '../../scenarios/suite/load.ts';
import { possibleOn, type StackKind, stackAsIf } from '../../scenarios/suite/possible.ts';
import type { Fault, NamedScenario } from '../../scenarios/suite/scenario.ts';
import { ofNames, runsOn, without } from '../../scenarios/suite/select.ts';
import { promised } from '../../scenarios/suite/verdict.ts';
import type { VerifyFlags } from './run-verify.ts';
import { textTable } from './text-table.ts';
import { theirServices } from './verify-external.ts';

/**
 * Says which scenarios there are, and where each can run: on services of somebody's own, those that the configuration file names.
 *
 * @param kind those that run there alone
 */
export async function listScenarios(flags: VerifyFlags, kind?: StackKind): Promise<void> {
  const known = await loadScenarios();
  const theirs = theirServices(flags);
  const named = flags.scenario.length > 0 ? ofNames(known, flags.scenario) : known;
  const there = named.filter((one) => kind === undefined || runsOn(one, kind, theirs));
  const all = without(there, flags.except, known);
  if (flags.json) {
    for (const one of all) {
      const leftOut = leftOutOf(one, theirs);
      const stacks = stacksOf(one, theirs);
      console.log(JSON.stringify({ ...one, stacks, ...(leftOut.length > 0 && { leftOut }) }));
    }
    return;
  }
  const rows = all.map((one) => {
    const inPart = leftOutOf(one, theirs).length > 0 ? ' (in part)' : '';
    const stacks = stacksOf(one, theirs).map((kind) => (kind === 'external' ? `${kind}${inPart}` : kind));
    return [one.name, stacks.join(', ') + (one.alone ? ', when named' : ''), promised(one.expect), one.title];
  });
  console.log(textTable(['scenario', 'stacks', 'promised', 'what happens'], rows));
  console.log(
    `\nexternal: with ${(theirs ?? SERVICES).join(', ')} of your own, to which nothing is done; in part: without the faults that would be done to them${theirs ? '' : '. --config my.yaml says it for yours'}`,
  );
}

type Theirs = readonly ServiceName[] | undefined;

function stacksOf(scenario: NamedScenario, theirs: Theirs): StackKind[] {
  return (['embedded', 'containers', 'external'] as const).filter((kind) => runsOn(scenario, kind, theirs));
}

/** Faults that do not happen where the services are somebody's own. */
function leftOutOf(scenario: NamedScenario, theirs: Theirs): readonly Fault[] {
  if (!runsOn(scenario, 'external', theirs)) return [];
  const { leftOut } = possibleOn(scenario.name, scenario.faults ?? [], stackAsIf('external', theirs));
  return leftOut.filter(({ on }) => on !== 'embedded');
}
