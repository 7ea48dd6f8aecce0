import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../contracts/running.ts';
import { type Collector, collectorSettings, startCollector } from './index.ts';

const CHILD = fileURLToPath(new URL('fixtures/child.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (accessLog: string, diagnostics = silent): Promise<Collector> =>
  startCollector(collectorSettings.parse({ port: 0, accessLog }), { diagnostics });

test('a second collector on one log is refused, also after a rotation, until the first has stopped', async () => {
  const log = join(folder, 'tracking.log');
  const first = await start(log);
  renameSync(log, `${log}.1`);
  await first.reopen();
  await expect(start(log)).rejects.toMatchObject({
    code: 'LOG_IN_USE',
    message: `another collector writes the access log ${log}`,
    remedy: expect.stringContaining('--access-log'),
  });
  symlinkSync(folder, `${folder}-link`);
  try {
    await expect(start(join(`${folder}-link`, 'tracking.log'))).rejects.toMatchObject({ code: 'LOG_IN_USE' });
  } finally {
    rmSync(`${folder}-link`);
  }
  const beside = await start(join(folder, 'other.log'));
  await beside.stop();
  await first.stop();
  await (await start(log)).stop();
});

test('a collector that was killed holds nothing any more', async () => {
  const accessLog = join(folder, 'tracking.log');
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ port: 0, accessLog })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    await expect(start(accessLog)).rejects.toMatchObject({ code: 'LOG_IN_USE' });
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  await (await start(accessLog)).stop();
});

test('a collector that could not start holds nothing either', async () => {
  const accessLog = join(folder, 'tracking.log');
  const first = await start(join(folder, 'other.log'));
  const port = Number(new URL(first.url).port);
  const taken = startCollector(collectorSettings.parse({ port, accessLog }), { diagnostics: silent });
  await expect(taken).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await (await start(accessLog)).stop();
  await first.stop();
});

test('where nothing can be locked it goes on without, and says so', async () => {
  mkdirSync(join(folder, '.tracking.log.lock'));
  const said: string[] = [];
  const diagnostics = { ...silent, warn: (message: string) => void said.push(message) };
  const collector = await start(join(folder, 'tracking.log'), diagnostics);
  expect(said.join()).toContain('it cannot be locked');
  await collector.stop();
});
