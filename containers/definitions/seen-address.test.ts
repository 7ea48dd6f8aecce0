import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seenAddress } from './seen-address.ts';

const check = (remote_addr: string, more: object = {}) =>
  `${JSON.stringify({ remote_addr, uri: '/health', user_agent: 'node', ...more })}\n`;

function logOf(...lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-seen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'tracking.log');
  writeFileSync(log, lines.join(''));
  return log;
}

test('is that of the last readiness check, nobody else’s', async () => {
  const others = [check('10.0.0.1', { uri: '/i' }), check('10.0.0.2', { user_agent: 'curl' })];
  expect(await seenAddress(logOf(check('172.18.0.1'), check('172.19.0.1'), ...others))).toBe('172.19.0.1');
});

test('the line may come after the answer, and is whole only with its end', async () => {
  const log = logOf(check('172.17.0.1').trimEnd());
  const seen = seenAddress(log, 60_000);
  setImmediate(() => writeFileSync(log, check('172.18.0.1')));
  expect(await seen).toBe('172.18.0.1');
});

test('nobody knows where there is no such line', async () => {
  expect(await seenAddress(logOf(check('172.17.0.1', { uri: '/i' })), 0)).toBeNull();
  expect(await seenAddress('/nowhere/tracking.log', 0)).toBeNull();
});
