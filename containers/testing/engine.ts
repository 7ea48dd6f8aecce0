import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { connectEngine, type Engine } from '../engine/index.ts';

/** Set where tests that need servers must run: without an engine they fail there instead of being skipped. */
export const REQUIRE_SERVERS = 'CLICKPROOF_REQUIRE_SERVERS';

/**
 * The engine for tests, or why they are skipped.
 *
 * @throws ClickproofError what `connectEngine` throws, where the tests must run
 */
export async function engineForTests(): Promise<{ engine: Engine | undefined; why: string }> {
  try {
    return { engine: await connectEngine(), why: '' };
  } catch (error) {
    if (process.env[REQUIRE_SERVERS] || !(error instanceof ClickproofError)) throw error;
    return { engine: undefined, why: `skipped: ${error.message}` };
  }
}

/** Names a test's run. */
export function testRun(name: string): string {
  return `test-${name}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
}
