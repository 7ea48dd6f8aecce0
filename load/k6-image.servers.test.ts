import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineForTests } from '../containers/testing/engine.ts';
import { obtainK6 } from './k6-program.ts';

const { engine, why } = await engineForTests();

test.skipIf(engine === undefined)(
  `a machine without k6 takes it out of the container image ${why}`,
  async () => {
    const cache = mkdtempSync(join(tmpdir(), 'k6-cache-'));
    try {
      const environment = { ...process.env, PATH: cache, XDG_CACHE_HOME: cache, CLICKPROOF_K6: '' };
      const k6 = await obtainK6(environment);
      expect(k6.startsWith(cache)).toBe(true);
      expect(execFileSync(k6, ['version'], { encoding: 'utf8' })).toMatch(/^k6 v\d/);
      expect(await obtainK6(environment)).toBe(k6);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  },
);
