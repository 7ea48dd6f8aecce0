import { Command, CommanderError } from 'commander';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { VERSION } from '../pipeline/contracts/version.ts';
import { workHasBegun } from './begun.ts';
import { commands } from './commands/index.ts';
import { requireNoFlagsKeptByNpm } from './npm-flags.ts';
import type { Ports } from './roles/ports.ts';

/** Where the command line writes what it says of itself: help, version and mistakes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Runs the command line as this process's job and sets the exit code.
 *
 * @param ports for tests: what stands between roles and what they work on
 */
export async function main(argv: readonly string[], ports?: Ports): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has gone away (`| head`), or a terminal that was closed, is no reason to leave a run unfinished.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
  const output = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
  };
  const code = await run(argv, output, ports);
  if (code !== 0) process.exitCode = code;
}

/**
 * Runs one command. What a command found out by itself it says by `process.exitCode`.
 *
 * @returns 0 done; 1 failed, having begun; 2 could not begin: called wrongly, or something is missing that the message names
 */
export async function run(argv: readonly string[], { out, err }: Output, ports?: Ports): Promise<number> {
  const program = new Command('clickproof')
    .description('Every click is counted once, and here is the proof.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text) => err(text.replace(/^error: /, 'clickproof: ')),
    })
    .showHelpAfterError('  --help lists what there is')
    .commandsGroup('Tools:')
    .addHelpText('after', '\nclickproof COMMAND --help tells more of each.');
  for (const register of commands) register(program, ports);
  for (const command of program.commands) command.allowExcessArguments(false);
  try {
    const asked = program.commands.find((command) => command.name() === argv[0]);
    if (asked) requireNoFlagsKeptByNpm(asked, argv, process.env);
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version leave by exception too, with exit code 0; commander has printed its message.
    if (error instanceof CommanderError) {
      const script = process.env.npm_lifecycle_event;
      // What is left of `npm run simulate --rate 50/s`, of which npm has taken the flag.
      if (script && script !== 'npx' && error.code === 'commander.excessArguments')
        err(`  options stand behind --: npm run ${script} -- --option value\n`);
      return error.exitCode === 0 ? 0 : 2;
    }
    err(explanation(error));
    return error instanceof ClickproofError && !workHasBegun() ? 2 : 1;
  }
}

function explanation(error: unknown): string {
  const stack = error instanceof Error ? `${error.stack}\n` : `${error}\n`;
  if (!(error instanceof ClickproofError)) return `clickproof: this is a bug, please report it: ${stack}`;
  const remedy = error.remedy ? `\n  ${error.remedy}` : '';
  return `clickproof: ${error.message}${remedy}\n${process.env.CLICKPROOF_DEBUG ? stack : ''}`;
}
