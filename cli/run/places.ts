import { join } from 'node:path';

/** A new folder for a run's files: `clickproof-runs/2026-01-05T18-00-00-simulate`. */
export function runFolder(command: string, now: Date = new Date()): string {
  return join('clickproof-runs', `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${command}`);
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

function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
