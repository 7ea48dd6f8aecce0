import type { ControlledStack } from '../../containers/controlled-stack.ts';
import { stagesOfRole } from '../../containers/roles/stages-of-role.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/**
 * What can be made to fail in a stack: its roles and servers by their names, and `profiles` (the profile store), `topics` (to be written
 * to) and `transactions` (to be aborted in them), where these are its own. A server that cannot be stopped is somebody else's.
 */
export type Part = string;

/** As much of a stack as says what can be made to fail in it. */
export interface Breakable extends Pick<ControlledStack, 'kind' | 'roles' | 'servers'> {
  readonly eventLog: { readonly kind: ControlledStack['eventLog']['kind'] };
  readonly profiles?: { readonly kind: 'sqlite' | 'redis' } | undefined;
}

export function ownParts({ roles, servers, eventLog, profiles }: Breakable): ReadonlySet<Part> {
  const own = new Set([...roles.flatMap(stagesOfRole), ...servers, 'topics']);
  if (eventLog.kind === 'kafka') own.add('transactions');
  if (profiles?.kind === 'sqlite' || (profiles && servers.includes('redis'))) own.add('profiles');
  return own;
}

/**
 * For faults that reach what they happen to by a connection: a plan that got this far must not reach what is somebody else's.
 *
 * @throws ClickproofError NOT_OURS
 */
export function requireOwn(stack: Breakable, part: Part): void {
  if (ownParts(stack).has(part)) return;
  throw new ClickproofError('NOT_OURS', `this stack has no ${part} of its own that may be made to fail`, {
    remedy: 'run the scenario with --stack containers',
  });
}
