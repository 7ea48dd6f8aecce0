import { ClickproofError } from '../../../pipeline/contracts/errors.ts';
import { findChromium } from '../chromium.ts';

/**
 * The Chromium for tests, or why they are skipped.
 *
 * @throws ClickproofError CHROMIUM_NOT_FOUND where the tests must run (CLICKPROOF_REQUIRE_SERVERS)
 */
export function chromiumForTests(): { readonly chromium: string; readonly why: string } {
  try {
    return { chromium: findChromium(), why: '' };
  } catch (error) {
    if (process.env.CLICKPROOF_REQUIRE_SERVERS || !(error instanceof ClickproofError)) throw error;
    return { chromium: '', why: ` (skipped: ${error.message})` };
  }
}
