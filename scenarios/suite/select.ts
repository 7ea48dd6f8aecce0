import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { NamedScenario } from './scenario.ts';
import type { StackKind } from './stacks.ts';

/** Whether a scenario can run on a kind of stack. */
export function runsOn({ stack = {} }: NamedScenario, kind: StackKind): boolean {
  if (stack.only !== undefined) return stack.only === kind;
  const foreign = stack.collector === 'nginx' || stack.shipper === 'filebeat' || stack.network === true;
  return kind === 'containers' || !foreign;
}

/**
 * The scenarios of these names, or all that run on the kind of stack but those that want to be named.
 *
 * @throws ClickproofError SCENARIO_UNKNOWN, SCENARIO_OTHER_STACK
 */
export function select(
  all: readonly NamedScenario[],
  names: readonly string[],
  kind: StackKind,
): NamedScenario[] {
  if (names.length === 0) return all.filter((scenario) => runsOn(scenario, kind) && !scenario.alone);
  return [...new Set(names)].map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (found === undefined) {
      throw new ClickproofError('SCENARIO_UNKNOWN', `there is no scenario "${name}"`, {
        remedy: 'npm run verify -- --list names them all',
      });
    }
    if (runsOn(found, kind)) return found;
    const other = kind === 'embedded' ? 'containers' : 'embedded';
    throw new ClickproofError('SCENARIO_OTHER_STACK', `${name} does not run on the ${kind} stack`, {
      remedy: `add --stack ${other}`,
    });
  });
}

/** The short set that `npm test` runs on a kind of stack. */
export function shortSet(all: readonly NamedScenario[], kind: StackKind): NamedScenario[] {
  return all.filter(({ short }) => short?.includes(kind));
}
