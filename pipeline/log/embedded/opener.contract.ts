import type { EventLog } from '../port.ts';
import { openEmbeddedLog } from './embedded-log.ts';

/** Opens the log as the contract's tests want it: short sessions, frequent sweeps. */
export async function open(path: string): Promise<EventLog> {
  return openEmbeddedLog({
    path,
    sessionTimeoutMs: 1_500,
    heartbeatMs: 100,
    drainTimeoutMs: 1_000,
    sweepIntervalMs: 100,
  });
}
