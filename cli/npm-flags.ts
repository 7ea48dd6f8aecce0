import type { Command } from 'commander';
import { UsageError } from './usage-error.ts';

/** Flags that npm, or a widespread .npmrc, has of its own: they say nothing of what was meant for us. */
const OF_NPM = ['json', 'only', 'version', 'help', 'name', 'password'];

/**
 * `npm run simulate --rate=50/s`, without ` -- ` before the flag: npm takes it for one of its own, and the command would run as if it had
 * not been given.
 *
 * @throws UsageError
 */
export function requireNoFlagsKeptByNpm(
  command: Command,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  const script = environment.npm_lifecycle_event;
  if (script === undefined || script === 'npx') return;
  const kept = command.options.find(({ long }) => {
    const name = long?.slice(2) ?? '';
    const value = environment[`npm_config_${name.replaceAll('-', '_')}`];
    if (value === undefined || OF_NPM.includes(name)) return false;
    // What a script has handed on. A `target` that is no address is Electron's version, out of somebody's .npmrc.
    if (argv.some((given) => given === long || given.startsWith(`${long}=`))) return false;
    return name !== 'target' || URL.canParse(value);
  });
  if (kept === undefined) return;
  throw new UsageError(
    `npm kept ${kept.long} for itself`,
    `put -- before what is meant for clickproof: npm run ${script} -- ${kept.long} …`,
  );
}
