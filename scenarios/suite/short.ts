import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { loadScenarios } from './load.ts';
import { registerScenarios } from './register.ts';
import { type ShortKind, shortSet } from './select.ts';

/** Makes tests of the scenarios that `npm test` runs on a kind of stack. */
export async function registerShortSet(stack: ShortKind, run: string): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), 'clickproof-scenarios-'));
  let failed = false;
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail';
  });
  // What a scenario left that did not come out as promised is kept: it says itself where.
  afterAll(() => (failed ? undefined : rm(out, { recursive: true, force: true })));
  const scenarios = shortSet(await loadScenarios(), stack);
  registerScenarios(
    scenarios,
    { stack, seed: 1, out, run },
    { signal: new AbortController().signal, quiet: true },
  );
}
