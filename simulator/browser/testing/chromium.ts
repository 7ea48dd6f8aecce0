import { ClickproofError } from '../../../pipeline/contracts/errors.ts';
import { serversRequired } from '../../../pipeline/contracts/testing/servers-required.ts';
import { findChromium } from '../chromium.ts';

/**
 * The Chromium for tests, or why they are skipped.
 *
 * @throws ClickproofError CHROMIUM_NOT_FOUND where the tests must run
 */
export function chromiumForTests(): { readonly chromium: string; readonly why: string } {
  try {
    return { chromium: findChromium(), why: '' };
  } catch (error) {
    if (serversRequired() || !(error instanceof ClickproofError)) throw error;
    return { chromium: '', why: ` (skipped: ${error.message})` };
  }
}
