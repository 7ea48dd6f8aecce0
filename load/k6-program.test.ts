import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashOf } from '../containers/images/cache.ts';
import { k6Recipe } from '../containers/images/k6/recipe.ts';
import { findK6 } from './k6-program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k6-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

test('the named one comes before the one on PATH, and that before the one that was built', () => {
  const [stage] = k6Recipe.stages!;
  const built = program('clickproof', 'images', `k6-${hashOf(stage!.inputs)}`, 'bin', 'k6');
  const environment = { XDG_CACHE_HOME: folder, PATH: join(folder, 'path') };
  expect(findK6(environment)).toBe(built);
  const onPath = program('path', 'k6');
  expect(findK6(environment)).toBe(onPath);
  const named = program('mine');
  expect(findK6({ ...environment, CLICKPROOF_K6: named })).toBe(named);
});

test('without one, and with a wrong name, it says what to do', () => {
  const none = { XDG_CACHE_HOME: folder, PATH: folder };
  const error = { code: 'K6_NOT_FOUND', remedy: expect.stringContaining('npm run images -- --only k6') };
  expect(() => findK6(none)).toThrow(expect.objectContaining(error));
  writeFileSync(join(folder, 'text'), '');
  const named = join(folder, 'text');
  expect(() => findK6({ ...none, CLICKPROOF_K6: named })).toThrow(
    expect.objectContaining({ ...error, message: expect.stringContaining(named) }),
  );
});
