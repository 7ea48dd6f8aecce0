import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hasCode } from '../pipeline/contracts/errors.ts';
import { RESULT_SCHEMA, type Result, type Verdict } from './result.ts';
import { SUITE_SCHEMA, type SuiteResult } from './suite-result.ts';

/** A run that left its result in a folder: what a list says of it. */
export interface FoundRun {
  readonly folder: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly command: string;
  readonly stack: string;
  readonly verdict: Verdict;
  readonly events: number;
  /** Events a second; left out where there is no such figure, as for a suite. */
  readonly rate?: number;
  /** The command line that repeats it. */
  readonly reproduce: string;
}

/** What lies in a folder of runs: those that can be read, newest first, and those that cannot, with why. */
export interface FoundRuns {
  readonly runs: readonly FoundRun[];
  readonly unreadable: readonly { readonly folder: string; readonly why: string }[];
}

/** Looks for runs in the folders below one; a folder that is not there has none, and one without a result is none. */
export function findRuns(directory: string): FoundRuns {
  const runs: FoundRun[] = [];
  const unreadable: { folder: string; why: string }[] = [];
  for (const name of namesIn(directory)) {
    const folder = resolve(directory, name);
    try {
      const run = runIn(folder);
      if (run) runs.push(run);
    } catch (error) {
      unreadable.push({ folder, why: (error as Error).message });
    }
  }
  runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return { runs, unreadable };
}

/** @returns undefined where no run left anything @throws Error where what is there is no result of ours */
function runIn(folder: string): FoundRun | undefined {
  const suite = read<SuiteResult>(join(folder, 'suite.json'), SUITE_SCHEMA);
  if (suite) return { folder, ...ofSuite(suite) };
  const result = read<Result>(join(folder, 'result.json'), RESULT_SCHEMA);
  return result && { folder, ...ofResult(result) };
}

function ofResult(result: Result): Omit<FoundRun, 'folder'> {
  const { startedAt, command, verdict, reproduce, traffic, stack } = result;
  return {
    ...{ startedAt, command, stack: stack.kind, verdict, events: traffic.events, reproduce },
    ...(traffic.seconds > 0 && { rate: traffic.eventsPerSecond }),
  };
}

function ofSuite({ startedAt, scenarios, verdict, reproduce }: SuiteResult): Omit<FoundRun, 'folder'> {
  const events = scenarios.reduce((sum, scenario) => sum + scenario.events, 0);
  const stack = scenarios[0]?.stack.kind ?? 'none';
  return { startedAt, command: 'verify', stack, verdict, events, reproduce };
}

/** The JSON in a file; undefined where there is no such file. */
function read<T extends { readonly schema: string }>(file: string, schema: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
  const found = JSON.parse(text) as T | null;
  if (found?.schema !== schema) throw new Error(`its schema is ${found?.schema}, not ${schema}`);
  return found;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
