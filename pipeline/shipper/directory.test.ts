import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileKey, listLogFiles } from './directory.ts';
import { until } from './testing/world.ts';

let directory: string;
let logFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'listing-'));
  logFile = join(directory, 'tracking.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

const names = () => listLogFiles(logFile).files.map(({ path }) => basename(path));

/** Makes a file whose time of birth differs from that of every one before, however coarse the clock. */
async function create(name: string, before?: string): Promise<void> {
  const path = join(directory, name);
  await until('the clock goes on', () => {
    rmSync(path, { force: true });
    writeFileSync(path, name);
    const born = (file: string) => statSync(file, { bigint: true }).birthtimeNs;
    return before === undefined || born(path) > born(join(directory, before));
  });
}

test('files are in the order in which they were made, whatever they are called and whenever they were changed', async () => {
  await create('tracking.log-b');
  await create('tracking.log-c', 'tracking.log-b');
  await create('tracking.log-a', 'tracking.log-c');
  utimesSync(join(directory, 'tracking.log-b'), new Date(), new Date(Date.now() + 60_000));
  expect(names()).toEqual(['tracking.log-b', 'tracking.log-c', 'tracking.log-a']);
});

test('the live file is the last, even where it is the oldest', async () => {
  await create('tracking.log');
  await create('tracking.log.1', 'tracking.log');
  expect(names()).toEqual(['tracking.log.1', 'tracking.log']);
  expect(listLogFiles(logFile).files.map(({ live }) => live)).toEqual([false, true]);
});

test('only files of the log are listed, each once, and compressed ones apart', () => {
  for (const name of [
    'tracking.log',
    'tracking.log.1.gz',
    'tracking.log.2.zst',
    'other.log',
    'xtracking.log',
  ]) {
    writeFileSync(join(directory, name), '');
  }
  symlinkSync(logFile, join(directory, 'tracking.log.link'));
  symlinkSync(join(directory, 'nowhere'), join(directory, 'tracking.log.dangling'));
  const { files, compressed } = listLogFiles(logFile);
  expect(files.map(({ path }) => path)).toEqual([logFile]);
  expect([...compressed].sort()).toEqual(['tracking.log.1.gz', 'tracking.log.2.zst']);
});

test('a file keeps its key under another name', () => {
  writeFileSync(logFile, '');
  const key = fileKey(logFile);
  renameSync(logFile, `${logFile}.1`);
  expect(fileKey(logFile)).toBeNull();
  expect(listLogFiles(logFile).files.map((file) => file.key)).toEqual([key]);
});

test('a directory that is not there has no files', () => {
  expect(listLogFiles(join(directory, 'none', 'tracking.log'))).toEqual({
    files: [],
    compressed: [],
    absent: true,
  });
});
