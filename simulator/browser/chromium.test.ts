import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChromium } from './chromium.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chromium-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the named Chromium is taken; a name that is no program is an error that says what to do', () => {
  const named = join(folder, 'browser');
  writeFileSync(named, '');
  expect(() => findChromium({ CLICKPROOF_CHROMIUM: named })).toThrow(
    expect.objectContaining({
      code: 'CHROMIUM_NOT_FOUND',
      message: expect.stringContaining(named),
      remedy: expect.stringContaining('CLICKPROOF_CHROMIUM'),
    }),
  );
  chmodSync(named, 0o755);
  expect(findChromium({ CLICKPROOF_CHROMIUM: named })).toBe(named);
});
