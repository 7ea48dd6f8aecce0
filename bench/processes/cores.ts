import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

let available: boolean | undefined;

/** Whether processes can be bound to a core here: util-linux's taskset is there, and more than one core. */
export function canPin(): boolean {
  available ??= cpus().length > 1 && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
  return available;
}

/** The command that runs the given one on one core, where that is possible; else the command as it is. */
export function onCore(core: number, command: readonly string[]): readonly string[] {
  return canPin() ? ['taskset', '--cpu-list', String(core), ...command] : command;
}

/** The two cores of a measurement: what is measured runs on one, what drives it on the other. */
export const MEASURED_CORE = 0;
export const DRIVING_CORE = 1;
