import { loadScenarios } from '../suite/load.ts';
import { type Fault, type NamedScenario, namedScenario } from '../suite/scenario.ts';

/** A fault as a scenario of the suite declares it, or one of the steps that it lists. */
export type Chosen =
  | { readonly dieAt: string }
  | { readonly zombie: string; readonly step: string; readonly heirStep?: string }
  | { readonly abort: string }
  | { readonly block: string };

/** Enough for every stage to have a batch in its hands, and so many visitors at a time that some are not seen again. */
const LITTLE = { rate: '60/s', visitors: 2_000, dwellScale: 1, faulty: 0 };

/**
 * A scenario of the correctness suite with some of its faults alone, so that it takes seconds: what fails here fails there.
 *
 * @param chosen one group of faults after the other; those of a group at the same time
 * @throws where the suite has no such scenario or fault (any more): a bug that only this caught would not be caught by the suite
 */
export async function excerpt(of: string, chosen: readonly (readonly Chosen[])[]): Promise<NamedScenario> {
  const found = (await loadScenarios()).find(({ name }) => name === of);
  if (found === undefined) throw new Error(`the suite has no scenario ${of}`);
  const declared = (found.faults ?? []).flat().flatMap(steps);
  const pick = (fault: Chosen) => {
    const same = declared.find((one) => isPart(fault, one));
    if (same === undefined) throw new Error(`${of} has no fault ${JSON.stringify(fault)}`);
    return same;
  };
  const { title, traffic, expect } = found;
  return namedScenario(of, {
    title,
    expect,
    traffic: { ...traffic, ...LITTLE },
    faults: chosen.map((group) => group.map(pick)),
  });
}

/** A fault that has several steps, as one for each. */
function steps(fault: Fault): Fault[] {
  return 'dieAt' in fault ? fault.dieAt.map((step) => ({ ...fault, dieAt: [step] })) : [fault];
}

function isPart(chosen: Chosen, fault: Fault): boolean {
  const has = fault as unknown as Record<string, unknown>;
  return Object.entries(chosen).every(([name, value]) => String(has[name]) === value);
}

/** Several as one, one after the other. */
export function merged(scenarios: readonly NamedScenario[]): NamedScenario {
  const [first] = scenarios;
  const { title, traffic, expect } = first!;
  const faults = scenarios.flatMap((one) => one.faults ?? []);
  return namedScenario(scenarios.map(({ name }) => name).join(' and '), {
    ...{ title, expect, faults },
    ...(traffic && { traffic }),
  });
}
