import { SERVICES, type ServiceName } from '../../containers/external/services.ts';
import { type Breakable, ownParts } from '../faults/own.ts';
import { type Fault, type FaultPlan, readFault } from './scenario.ts';

export type StackKind = Breakable['kind'];

/** The stages of a kind of stack. */
export function stagesOf(kind: StackKind, theirs: readonly ServiceName[] = SERVICES): string[] {
  const documents = kind === 'containers' || (kind === 'external' && theirs.includes('elasticsearch'));
  const stages = ['parser', 'flattener', 'persister', 'clickhouse-sink'];
  return documents ? [...stages, 'elasticsearch-sink'] : stages;
}

/**
 * A stack that has not been started.
 *
 * @param theirs which services of an external stack are somebody's own; for the others there are stand-ins
 */
export function stackAsIf(kind: StackKind, theirs: readonly ServiceName[] = SERVICES): Breakable {
  const real = (name: ServiceName) => kind === 'containers' || (kind === 'external' && theirs.includes(name));
  const processes = ['collector', 'shipper', ...stagesOf(kind, theirs)];
  return {
    kind,
    roles: real('clickhouse') ? processes : [...processes, 'clickhouse'],
    servers: kind === 'containers' ? SERVICES : [],
    eventLog: { kind: real('kafka') ? 'kafka' : 'embedded' },
    profiles: { kind: real('redis') ? 'redis' : 'sqlite' },
  };
}

/** What of a plan can happen on a stack, and what is left out. */
export interface Possible {
  readonly plan: FaultPlan;
  readonly leftOut: readonly Fault[];
}

/**
 * What of a plan can happen on a stack: what is declared for its kind, and on services that are somebody else's only what needs nothing
 * of these.
 */
export function possibleOn(scenario: string, plan: FaultPlan, stack: Breakable): Possible {
  const leftOut: Fault[] = [];
  const possible = plan.flatMap((step) => {
    const [faults, other] = split([step].flat() as Fault[], (fault) => happensOn(scenario, fault, stack));
    leftOut.push(...other);
    if (faults.length === 0) return [];
    return [Array.isArray(step) ? faults : faults[0]!];
  });
  return { plan: possible, leftOut };
}

function happensOn(scenario: string, fault: Fault, stack: Breakable): boolean {
  const { kind, fields, when } = readFault(scenario, fault);
  if (stack.kind !== 'external') return when.on === undefined || when.on === stack.kind;
  if (when.on === 'embedded') return false;
  const own = ownParts(stack);
  // The kind's own schema has read the fields.
  return (kind.touches as (fields: unknown) => readonly string[])(fields).every((part) => own.has(part));
}

function split<T>(list: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [list.filter(first), list.filter((one) => !first(one))];
}
