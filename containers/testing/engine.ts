import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { serversRequired } from '../../pipeline/contracts/testing/servers-required.ts';
import { connectEngine, type Engine } from '../engine/index.ts';

/**
 * The engine for tests, or why they are skipped.
 *
 * @throws ClickproofError what `connectEngine` throws, where the tests must run
 */
export async function engineForTests(): Promise<{ engine: Engine | undefined; why: string }> {
  try {
    return { engine: await connectEngine(), why: '' };
  } catch (error) {
    if (serversRequired() || !(error instanceof ClickproofError)) throw error;
    return { engine: undefined, why: `skipped: ${error.message}` };
  }
}

/** Names a test's run. */
export function testRun(name: string): string {
  return `test-${name}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
}
