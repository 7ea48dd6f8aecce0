import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RESULT_SCHEMA } from './result.ts';
import { findRuns } from './runs.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function leave(name: string, text: string): void {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, 'result.json'), text);
}

test('runs are found newest first, whatever their folders are called', () => {
  leave('a', JSON.stringify({ schema: RESULT_SCHEMA, startedAt: '2026-01-05T18:00:00.000Z' }));
  leave('b', JSON.stringify({ schema: RESULT_SCHEMA, startedAt: '2026-01-07T18:00:00.000Z' }));
  leave('c', JSON.stringify({ schema: RESULT_SCHEMA, startedAt: '2026-01-06T18:00:00.000Z' }));
  const { runs, unreadable } = findRuns(directory);
  expect(runs.map(({ folder }) => folder)).toEqual(['b', 'c', 'a'].map((name) => join(directory, name)));
  expect(unreadable).toEqual([]);
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
