import type { ServiceName } from '../../containers/external/services.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { possibleOn, type StackKind, stackAsIf } from './possible.ts';
import type { NamedScenario } from './scenario.ts';

/**
 * Whether a scenario can run on a kind of stack. One that needs real servers runs on somebody's own, too, as long as something is left of
 * its faults when these are left alone.
 *
 * @param theirs which services of an external stack are somebody's own: all, where nobody says
 */
export function runsOn(
  { name, stack = {}, faults }: NamedScenario,
  kind: StackKind,
  theirs?: readonly ServiceName[],
): boolean {
  const foreign = stack.collector === 'nginx' || stack.shipper === 'filebeat' || stack.network === true;
  if (foreign && kind !== 'containers') return false;
  if (kind !== 'external') return stack.only === undefined || stack.only === kind;
  if (stack.only === 'embedded') return false;
  if (faults === undefined) return stack.only === undefined;
  return possibleOn(name, faults, stackAsIf(kind, theirs)).plan.length > 0;
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
  theirs?: readonly ServiceName[],
): NamedScenario[] {
  if (names.length === 0) return all.filter((scenario) => runsOn(scenario, kind, theirs) && !scenario.alone);
  const named = ofNames(all, names);
  for (const scenario of named) requireRunsOn(scenario, kind, theirs);
  return named;
}

function requireRunsOn(scenario: NamedScenario, kind: StackKind, theirs?: readonly ServiceName[]): void {
  if (runsOn(scenario, kind, theirs)) return;
  const other = kind !== 'containers' && runsOn(scenario, 'containers') ? 'containers' : 'embedded';
  const why = kind === 'external' ? ': it needs servers that may be made to fail' : '';
  throw new ClickproofError(
    'SCENARIO_OTHER_STACK',
    `${scenario.name} does not run on the ${kind} stack${why}`,
    {
      remedy: `add --stack ${other}`,
    },
  );
}

/** Each once, in the order of the names. @throws ClickproofError SCENARIO_UNKNOWN */
export function ofNames(all: readonly NamedScenario[], names: readonly string[]): NamedScenario[] {
  return [...new Set(names)].map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new ClickproofError('SCENARIO_UNKNOWN', `there is no scenario "${name}"`, {
      remedy: 'npm run verify -- --list names them all',
    });
  });
}

/**
 * The selected scenarios but those of these names. A name that means nothing is refused, lest what was to be left out runs.
 *
 * @throws ClickproofError SCENARIO_UNKNOWN, SCENARIO_NONE_LEFT
 */
export function without(
  selected: readonly NamedScenario[],
  names: readonly string[],
  all: readonly NamedScenario[],
): NamedScenario[] {
  const leftOut = ofNames(all, names);
  const left = selected.filter((scenario) => !leftOut.includes(scenario));
  if (left.length > 0) return left;
  throw new ClickproofError('SCENARIO_NONE_LEFT', 'there is no scenario left to run', {
    remedy: 'leave out fewer with --except',
  });
}

/** Stacks that need nothing of anybody's. */
export type ShortKind = NonNullable<NamedScenario['short']>[number];

/** The short set that `npm test` runs on a kind of stack. */
export function shortSet(all: readonly NamedScenario[], kind: ShortKind): NamedScenario[] {
  return all.filter(({ short }) => short?.includes(kind));
}
