import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { isProgram } from '../program.ts';

/** Names the Chromium to run. */
export const CHROMIUM_VARIABLE = 'CLICKPROOF_CHROMIUM';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The Chromium of this machine: the one that CLICKPROOF_CHROMIUM names, else Playwright's own, else the one on PATH.
 *
 * @throws ClickproofError CHROMIUM_NOT_FOUND
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment[CHROMIUM_VARIABLE]?.trim();
  if (named) {
    if (isProgram(named)) return named;
    throw notFound(`${CHROMIUM_VARIABLE} names ${named}, which is no program that can be run`);
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [chromium.executablePath(), ...onPath].find(isProgram);
  if (found === undefined) throw notFound('there is no Chromium on this machine');
  return found;
}

function notFound(message: string): ClickproofError {
  return new ClickproofError('CHROMIUM_NOT_FOUND', message, {
    remedy: `install it (apt-get install chromium, or npx playwright-core install chromium), or name it with ${CHROMIUM_VARIABLE}`,
  });
}
