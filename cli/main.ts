import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { commands } from './commands/index.ts';

/** Runs the command line and sets the exit code: 0 done, 1 failed, 2 called wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('clickproof')
    .description('Every click is counted once, and here is the proof.')
    .version(version())
    .showHelpAfterError('(--help lists what there is)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const register of commands) register(program);
  for (const command of program.commands) command.exitOverride().allowExcessArguments(false);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version leave by exception too, with exit code 0; commander has printed its message.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof ClickproofError) {
      console.error(`clickproof: ${error.message}${error.remedy ? `\n  ${error.remedy}` : ''}`);
      if (process.env.CLICKPROOF_DEBUG) console.error(error);
      process.exitCode = error.code === 'USAGE' ? 2 : 1;
    } else {
      console.error('clickproof: this is a bug, please report it:', error);
      process.exitCode = 1;
    }
  }
}

function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string })
        .version;
    } catch {
      // compiled code lies one folder deeper
    }
  }
  return '0.0.0';
}
