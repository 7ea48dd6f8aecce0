import { type Command, InvalidArgumentError, Option } from 'commander';
import type { VerifyFlags } from '../run/run-verify.ts';
import { UsageError } from '../usage-error.ts';

const STACKS = ['embedded', 'containers', 'external'];

/** `clickproof verify`: the correctness suite. Faults happen while traffic flows, and every event is accounted for afterwards. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .helpGroup('The main jobs:')
    .description(
      'let processes, servers and networks fail while traffic flows, and prove what became of every event',
    )
    .option('--list', 'say which scenarios there are (with --stack: there)')
    .addOption(
      new Option('--scenario <name>', 'run this one; can be given several times')
        .argParser(several)
        .default([], 'all but those of --list that want to be named'),
    )
    .addOption(
      new Option('--except <name>', 'leave this one out; can be given several times')
        .argParser(several)
        .default([], 'none'),
    )
    .option(
      '--stack <kind>',
      `where they run (${STACKS.join(', ')}); external: this project's processes on your own services, to which nothing is done`,
      stack,
      'containers',
    )
    .option(
      '-c, --config <file>',
      'names your services, for --stack external; see docs/guides/prove-your-own.md',
    )
    .option('--i-own-this-target', 'allow services beyond this machine')
    .option('--seed <n>', 'another seed, other traffic', seed, 1)
    .option('--events <n>', 'so many, for a scenario that sends a number of events', whole)
    .option('--shrink', 'where a scenario fails, look for fewer faults by which it fails, too')
    .option('--out <dir>', 'folder of the results (default: a new one in clickproof-runs/)')
    .option('--json', 'the result as JSON on standard output, nothing else there')
    .action(async (flags: VerifyFlags, command: Command) => {
      if (flags.config !== undefined && flags.stack !== 'external')
        throw new UsageError('--config names your own services', 'add --stack external');
      if (flags.list) {
        const { listScenarios } = await import('../run/list-scenarios.ts');
        const everywhere = command.getOptionValueSource('stack') === 'default';
        await listScenarios(flags, everywhere ? undefined : flags.stack);
        return;
      }
      const { runVerify } = await import('../run/run-verify.ts');
      process.exitCode = await runVerify(flags);
    });
}

function whole(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number from 1 on');
}

const several = (name: string, before: readonly string[]): string[] => [...before, name];

function stack(kind: string): string {
  if (STACKS.includes(kind)) return kind;
  throw new UsageError(`--stack: there is no stack "${kind}"`, `there are: ${STACKS.join(', ')}`);
}

function seed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new InvalidArgumentError('a whole number from 0 to 4294967295');
}
