import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LineCount } from './line-count.ts';

it('counts whole lines over rotation, however they come', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'tracking.log');
  const count = new LineCount(log);
  expect(await count.total()).toEqual({ lines: 0, bytes: 0 });
  writeFileSync(log, 'one\ntw');
  expect(await count.total()).toEqual({ lines: 1, bytes: 4 });
  appendFileSync(log, `o\n${'x'.repeat(3_000_000)}`);
  expect(await count.total()).toEqual({ lines: 2, bytes: 8 });
  appendFileSync(log, '\n');
  renameSync(log, `${log}.1`);
  writeFileSync(log, 'four\n');
  expect(await count.total()).toEqual({ lines: 4, bytes: 8 + 3_000_001 + 5 });
});
