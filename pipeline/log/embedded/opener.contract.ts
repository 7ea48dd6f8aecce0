import type { EventLog } from '../port.ts';
import { openEmbeddedLog } from './embedded-log.ts';

/** Opens the log as the contract's tests want it: sessions that are short, and not so short that a pause ends them, frequent sweeps. */
export async function open(path: string): Promise<EventLog> {
  return openEmbeddedLog({
    path,
    sessionTimeoutMs: 3_000,
    heartbeatMs: 100,
    drainTimeoutMs: 2_500,
    sweepIntervalMs: 100,
  });
}
