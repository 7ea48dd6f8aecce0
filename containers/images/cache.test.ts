import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cacheDirectory, contentsOf, hashOf, StageCache } from './cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickproof-cache-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string) => async (directory: string) => writeFileSync(join(directory, 'file'), text);

it('makes a stage once for the same inputs', async () => {
  const cache = new StageCache(folder);
  const first = await cache.stage('jars', 'key', write('one'));
  const second = await cache.stage('jars', 'key', write('two'));
  const other = await cache.stage('jars', 'other', write('three'));
  expect([first.made, second.made, other.made]).toEqual([true, false, true]);
  expect(readFileSync(join(second.directory, 'file'), 'utf8')).toBe('one');
});

it('makes it anew without the cache, but once a run', async () => {
  await new StageCache(folder).stage('jars', 'key', write('old'));
  const fresh = new StageCache(folder, true);
  const { directory } = await fresh.stage('jars', 'key', write('new'));
  await fresh.stage('jars', 'key', write('newer'));
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('new');
});

it('keeps nothing of a stage that failed', async () => {
  const cache = new StageCache(folder);
  const failing = cache.stage('jars', 'key', async (directory) => {
    await write('half')(directory);
    throw new Error('no network');
  });
  await expect(failing).rejects.toThrow('no network');
  expect(readdirSync(folder)).toEqual([]);
  expect((await cache.stage('jars', 'key', write('whole'))).made).toBe(true);
});

it('removes what was left by one that was killed, not what is being made', async () => {
  for (const name of ['unfinished-jars-old', 'unfinished-jars-new'])
    mkdirSync(join(folder, name), { recursive: true });
  utimesSync(join(folder, 'unfinished-jars-old'), 0, 0);
  await new StageCache(folder).stage('jars', 'key', write('whole'));
  expect(readdirSync(folder).sort()).toEqual(['jars-key', 'unfinished-jars-new']);
});

it('tells contents apart, and where one ends and the next begins', async () => {
  const { directory } = await new StageCache(folder).stage('a', 'b', write('text'));
  const before = hashOf(await contentsOf(directory));
  writeFileSync(join(directory, 'file'), 'other');
  expect(hashOf(await contentsOf(directory))).not.toBe(before);
  expect(hashOf(['ab', 'c'])).not.toBe(hashOf(['a', 'bc']));
});

it('lies where the user wants caches', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/clickproof');
  expect(cacheDirectory({})).toMatch(/\.cache\/clickproof$/);
});
