import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

/** What a run leaves in its folder. */
const TRACES = ['result.json', 'suite.json', 'report.html', 'ledger', 'check', 'data', 'stacks'];

/**
 * Makes the folder of a run: the one that was asked for, else a new one like `clickproof-runs/2026-01-05T18-00-00-simulate`.
 *
 * @throws UsageError where it holds a run already, or cannot be made
 */
export function makeRunFolder(command: string, asked: string | undefined, now: Date = new Date()): string {
  const folder = resolve(asked ?? unusedFolder(command, now));
  try {
    mkdirSync(folder, { recursive: true });
    const trace = readdirSync(folder).find((name) => TRACES.includes(name));
    if (trace === undefined) return folder;
    throw new UsageError(
      `${folder} holds a run already (${trace})`,
      'choose another folder with --out, or remove that one first',
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      { EACCES: 'access is denied', EEXIST: 'it is a file', ENOTDIR: 'a part of the path is a file' }[
        code ?? ''
      ] ?? message;
    throw new UsageError(`cannot write to ${folder}: ${why}`, 'choose another folder with --out', error);
  }
}

function unusedFolder(command: string, now: Date): string {
  const name = join('clickproof-runs', `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${command}`);
  for (let n = 1; ; n++) {
    const folder = n === 1 ? name : `${name}-${n}`;
    if (!existsSync(folder)) return folder;
  }
}

/** The command line that does the same again; where its files go is no part of it. */
export function reproduction(command: string, args: readonly string[]): string {
  const kept: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--out') i += 1;
    else if (!args[i]!.startsWith('--out=')) kept.push(quoted(args[i]!));
  }
  return ['npx clickproof', command, ...kept].join(' ');
}

/** As a shell takes it for one word. */
export function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
