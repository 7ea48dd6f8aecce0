import type { RoleMessage, SupervisorMessage } from '../../containers/roles/role-messages.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Diagnostics, Running } from '../../pipeline/contracts/running.ts';
import { workBegins } from '../begun.ts';
import { Interrupt } from '../interrupt.ts';

/** Whether another process started this one to watch over it; told before the channel can be gone. */
const supervised = process.send !== undefined;

/** How long a role that works for nobody any more may take to end. */
const ABANDONED_STOP_MS = 20_000;

/** A running role and what can be asked of it. */
export interface Role extends Running {
  readonly url?: string;
  stats?(): object;
  reopen?(): Promise<void>;
}

/**
 * Runs a role as this process's one job: says when it is ready, answers its supervisor, ends cleanly on SIGINT,
 * SIGTERM or when whoever started it is gone. A second signal ends it at once.
 */
export async function runRole(
  name: string,
  diagnostics: Diagnostics,
  start: () => Promise<Role>,
): Promise<void> {
  const abandonedEarly = () => process.exit(1);
  if (supervised && !process.connected) abandonedEarly();
  process.once('disconnect', abandonedEarly);
  // Starting can take minutes, where servers are waited for: whoever ends it then loses nothing.
  const endedEarly = () => process.exit(130);
  const toldEarly = (message: SupervisorMessage) => message.type === 'stop' && endedEarly();
  process.on('message', toldEarly);
  const early = new Interrupt(endedEarly);
  let role: Role;
  try {
    role = await start();
  } catch (error) {
    report(error);
    throw error;
  } finally {
    process.off('disconnect', abandonedEarly);
    process.off('message', toldEarly);
    early[Symbol.dispose]();
  }
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    diagnostics.info(`${name} stops`, { why });
    role.stop().catch((error) => diagnostics.error(`${name} did not stop cleanly`, { error: String(error) }));
  };
  using _interrupt = new Interrupt(stop);
  if (role.reopen) {
    process.on('SIGUSR1', () => {
      role
        .reopen?.()
        .catch((error) => diagnostics.error('could not reopen the log', { error: String(error) }));
    });
  }
  const onMessage = (message: SupervisorMessage) => {
    if (message.type === 'stop') stop('asked to');
    else if (message.type === 'reopen') role.reopen?.().catch(report);
    else if (message.type === 'stats') {
      send({ type: 'stats', id: message.id, stats: { ...role.stats?.() } as Record<string, unknown> });
    }
  };
  process.on('message', onMessage);
  const onDisconnect = () => {
    setTimeout(() => process.exit(1), ABANDONED_STOP_MS).unref();
    stop('whoever started it is gone');
  };
  process.on('disconnect', onDisconnect);
  workBegins();
  send({ type: 'ready', ...(role.url && { url: role.url }) });
  diagnostics.info(`${name} is ready`, role.url ? { url: role.url } : {});
  try {
    await role.done;
    diagnostics.info(`${name} has stopped`, counts(role.stats?.() ?? {}));
  } catch (error) {
    report(error);
    throw error;
  } finally {
    process.off('message', onMessage);
    process.off('disconnect', onDisconnect);
    if (process.connected) process.disconnect();
  }
}

/** What a role counts, as far as it is plain numbers. */
function counts(stats: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(stats).filter(([, value]) => typeof value === 'number' && value !== 0),
  );
}

function report(error: unknown): void {
  const known = error instanceof ClickproofError;
  send({
    type: 'failed',
    code: known ? error.code : 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    ...(known && error.remedy && { remedy: error.remedy }),
  });
}

function send(message: RoleMessage): void {
  if (process.connected) process.send?.(message);
}
