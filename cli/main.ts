import { Command, CommanderError } from 'commander';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { VERSION } from '../pipeline/contracts/version.ts';
import { commands } from './commands/index.ts';

/** Runs the command line and sets the exit code: 0 done, 1 failed, 2 called wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has gone away (`| head`) is no reason to leave a run unfinished.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const program = new Command('clickproof')
    .description('Every click is counted once, and here is the proof.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'clickproof: ')) })
    .showHelpAfterError('  --help lists what there is')
    .addHelpText('after', '\nclickproof COMMAND --help tells more of each.');
  for (const register of commands) register(program);
  for (const command of program.commands) command.allowExcessArguments(false);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = explained(error);
  }
}

/** Says what went wrong, and gives the exit code. */
function explained(error: unknown): number {
  // Help and version leave by exception too, with exit code 0; commander has printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ClickproofError) {
    console.error(`clickproof: ${error.message}${error.remedy ? `\n  ${error.remedy}` : ''}`);
    if (process.env.CLICKPROOF_DEBUG) console.error(error);
    return error.code === 'USAGE' ? 2 : 1;
  }
  console.error('clickproof: this is a bug, please report it:', error);
  return 1;
}
