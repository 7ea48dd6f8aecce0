import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/** Nothing that a browser does by itself may look like traffic, or need the network. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const ACTION_MS = 10_000;
/** Runs in the page. */
const QUEUES_EMPTY = `Object.keys(localStorage)
  .filter((key) => key.startsWith('snowplowOutQueue_') && !key.endsWith('.expires'))
  .every((key) => (localStorage.getItem(key) || '[]') === '[]')`;

/** Starts a headless browser with a profile of its own. @throws ClickproofError BROWSER_FAILED */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  try {
    // Signals are the command's to handle.
    const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    return await chromium.launch({ executablePath, headless: true, args: ARGUMENTS, ...signals });
  } catch (cause) {
    throw failed(`${executablePath} does not start`, cause);
  }
}

/**
 * Visits the demo pages, by GET and by POST in turn, until `done` says so, but each way once: page views, pings while it reads, a link
 * click and a self-describing event. What the tracker has in hand is waited for at the end of each visit.
 *
 * @throws ClickproofError BROWSER_FAILED the browser has ended, or a page does not work
 */
export async function visit(browser: Browser, origin: string, done: () => boolean): Promise<void> {
  try {
    const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 1280, height: 720 } });
    context.setDefaultTimeout(ACTION_MS);
    const page = await context.newPage();
    for (let round = 0; round < 2 || !done(); round++) {
      await page.goto(`${origin}/?method=${round % 2 === 0 ? 'get' : 'post'}`);
      await look(page);
      await page.click('#cart');
      await Promise.all([page.waitForURL(`${origin}/tee?**`), page.click('#next')]);
      await look(page);
      await flushed(page);
    }
    await context.close();
  } catch (cause) {
    throw failed('a real browser did not get through its visit', cause);
  }
}

/** Moves about for as long as two pings take: only who moves is pinged for. */
async function look(page: Page): Promise<void> {
  for (let step = 1; step <= 5; step++) {
    await page.mouse.move(100 + step * 20, 100 + step * 10);
    await page.mouse.wheel(0, 120);
    await page.waitForTimeout(500);
  }
}

/** Waits until the tracker's queues are empty; what it cannot get rid of has not been sent. */
async function flushed(page: Page): Promise<void> {
  await page.waitForFunction(QUEUES_EMPTY, undefined, { timeout: ACTION_MS }).catch(() => {});
}

function failed(what: string, cause: unknown): ClickproofError {
  const reason = cause instanceof Error ? cause.message.split('\n', 1)[0]! : String(cause);
  return new ClickproofError('BROWSER_FAILED', `${what}: ${reason}`, {
    remedy: 'leave --browsers out, or name another Chromium with CLICKPROOF_CHROMIUM',
    cause,
  });
}
