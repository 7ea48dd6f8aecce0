import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RESULT_SCHEMA, type Result } from './result.ts';

/** A run that left its result in a folder. */
export interface FoundRun {
  readonly folder: string;
  readonly result: Result;
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
    const found = readRun(folder);
    if (found === undefined) continue;
    if (typeof found === 'string') unreadable.push({ folder, why: found });
    else runs.push({ folder, result: found });
  }
  runs.sort((a, b) => (a.result.startedAt < b.result.startedAt ? 1 : -1));
  return { runs, unreadable };
}

/** The result in a folder; undefined where there is none, a text that says why where it is not one of ours. */
function readRun(folder: string): Result | string | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'result.json'), 'utf8');
  } catch {
    return undefined;
  }
  try {
    const result = JSON.parse(text) as Result;
    return result.schema === RESULT_SCHEMA ? result : `its schema is ${result.schema}, not ${RESULT_SCHEMA}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
