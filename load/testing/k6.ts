import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { serversRequired } from '../../pipeline/contracts/testing/servers-required.ts';
import { obtainK6 } from '../k6-program.ts';

/**
 * The k6 for tests, or why they are skipped.
 *
 * @throws ClickproofError K6_NOT_FOUND where the tests must run
 */
export async function k6ForTests(): Promise<{ readonly k6: string; readonly why: string }> {
  try {
    return { k6: await obtainK6(), why: '' };
  } catch (error) {
    if (serversRequired() || !(error instanceof ClickproofError)) throw error;
    return { k6: '', why: ` (skipped: ${error.message})` };
  }
}
