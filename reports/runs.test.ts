import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RESULT_SCHEMA } from './result.ts';
import { findRuns } from './runs.ts';
import { SUITE_SCHEMA } from './suite-result.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function leave(name: string, text: string, file = 'result.json'): void {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, file), text);
}

function result(startedAt: string, seconds = 2): string {
  const traffic = { events: 10, seconds, eventsPerSecond: 5 };
  return JSON.stringify({ schema: RESULT_SCHEMA, startedAt, traffic, stack: { kind: 'embedded' } });
}

test('runs are found newest first, whatever their folders are called', () => {
  leave('a', result('2026-01-05T18:00:00.000Z'));
  leave('b', result('2026-01-07T18:00:00.000Z'));
  leave('c', result('2026-01-06T18:00:00.000Z'));
  const { runs, unreadable } = findRuns(directory);
  expect(runs.map(({ folder }) => folder)).toEqual(['b', 'c', 'a'].map((name) => join(directory, name)));
  expect(unreadable).toEqual([]);
});

test('of a run in which nothing was timed no rate is said', () => {
  leave('timed', result('2026-01-07T18:00:00.000Z'));
  leave('not', result('2026-01-06T18:00:00.000Z', 0));
  expect(findRuns(directory).runs.map(({ rate }) => rate)).toEqual([5, undefined]);
});

test('a suite is a run with the events of all its scenarios', () => {
  const scenarios = [3, 4].map((events) => ({ events, stack: { kind: 'containers' } }));
  const suite = { schema: SUITE_SCHEMA, startedAt: '2026-01-05T18:00:00.000Z', verdict: 'pass', scenarios };
  leave('suite', JSON.stringify({ ...suite, reproduce: 'npm run verify' }), 'suite.json');
  expect(findRuns(directory).runs).toEqual([
    {
      ...{ folder: join(directory, 'suite'), startedAt: suite.startedAt, command: 'verify' },
      ...{ stack: 'containers', verdict: 'pass', events: 7, reproduce: 'npm run verify' },
    },
  ]);
});

test('what is no result of ours is named, and what is no run is passed over', () => {
  leave('broken', '{"schema":');
  leave('foreign', '{"schema":"clickproof.result/9"}');
  mkdirSync(join(directory, 'empty'));
  writeFileSync(join(directory, 'file'), '');
  const { runs, unreadable } = findRuns(directory);
  expect(runs).toEqual([]);
  expect(unreadable.map(({ folder }) => folder).sort()).toEqual(
    ['broken', 'foreign'].map((name) => join(directory, name)),
  );
  expect(unreadable.find(({ folder }) => folder.endsWith('foreign'))?.why).toContain('clickproof.result/9');
});

test('a folder that is not there has no runs', () => {
  expect(findRuns(join(directory, 'nowhere')).runs).toEqual([]);
});
