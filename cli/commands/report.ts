import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { FoundRun } from '../../reports/runs.ts';
import { findRuns } from '../../reports/runs.ts';
import { textTable } from '../run/text-table.ts';
import { UsageError } from '../usage-error.ts';

const RUNS = 'clickproof-runs';

interface ListFlags {
  readonly dir: string;
  readonly json?: boolean;
}

/** `clickproof report list | open`: the runs that there are, and their reports. */
export function registerReport(program: Command): void {
  const report = program
    .command('report')
    .helpGroup('The main jobs:')
    .description('the runs that there are, and their reports');
  report
    .command('list')
    .description('list the runs, newest first')
    .option('--dir <dir>', 'where they are', RUNS)
    .option('--json', 'as JSON, one object a run and line')
    .action((flags: ListFlags) => list(flags));
  report
    .command('open')
    .description("open a run's report in the browser")
    .argument('[run]', 'its folder, or the end of its name (default: the newest)')
    .option('--dir <dir>', 'where the runs are', RUNS)
    .action((run: string | undefined, { dir }: ListFlags) => open(reportOf(run, dir)));
}

function list({ dir, json }: ListFlags): void {
  const { runs, unreadable } = findRuns(dir);
  for (const { folder, why } of unreadable) console.error(`${relative('.', folder)} cannot be read: ${why}`);
  if (json) {
    for (const run of runs) console.log(JSON.stringify(run));
    return;
  }
  if (runs.length === 0) {
    console.error(`there are no runs in ${dir}; npm run simulate makes one`);
    return;
  }
  const rows = runs.map(({ folder, startedAt, command, stack, verdict, events, rate }) => [
    startedAt.slice(0, 19).replace('T', ' '),
    ...[command, stack, verdict, String(events)],
    rate === undefined ? '' : `${Math.round(rate)}/s`,
    relative('.', folder),
  ]);
  console.log(textTable(['started (UTC)', 'command', 'stack', 'verdict', 'events', 'rate', 'folder'], rows));
}

/** @throws UsageError there is no such run, or it has no report */
function reportOf(run: string | undefined, dir: string): string {
  const { runs } = findRuns(dir);
  const found = run === undefined ? runs[0] : (runs.find(isNamed(run)) ?? { folder: resolve(run) });
  const file = found && join(found.folder, 'report.html');
  if (file !== undefined && existsSync(file)) return file;
  throw new UsageError(
    run === undefined ? `there are no runs in ${dir}` : `there is no report of a run ${run}`,
    run === undefined ? 'npm run simulate makes one' : 'clickproof report list names them all',
  );
}

const isNamed =
  (run: string) =>
  ({ folder }: FoundRun): boolean =>
    folder === resolve(run) || folder.endsWith(run);

/** Says where the report is, and lets the system open it where it can. */
function open(file: string): void {
  console.log(file);
  if (!process.stdout.isTTY) return;
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [file], { stdio: 'ignore', detached: true });
  // Without a desktop there is nothing to open it with: its path has been said.
  child.on('error', () => {});
  child.unref();
}
