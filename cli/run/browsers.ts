import { Option } from 'commander';
import type { Traffic } from '../../scenarios/runs/run-traffic.ts';
import { send } from '../../simulator/transport/index.ts';
import { UsageError } from '../usage-error.ts';

const MOST_BROWSERS = 8;

/** `--browsers`: real browsers beside the simulated ones. */
export function browsersOption(): Option {
  return new Option(
    '--browsers <n>',
    `besides, up to ${MOST_BROWSERS} real Chromium browsers with the real tracker visit a demo page (default: 0)`,
  ).argParser((text) => {
    const browsers = Number(text);
    if (Number.isInteger(browsers) && browsers >= 0 && browsers <= MOST_BROWSERS) return browsers;
    throw new UsageError(`--browsers: not a number from 0 to ${MOST_BROWSERS}: ${text}`);
  });
}

/**
 * The traffic with real browsers beside it.
 *
 * @throws ClickproofError CHROMIUM_NOT_FOUND before anything is started
 */
export async function withBrowsers(traffic: Traffic, browsers: number, appId: string): Promise<Traffic> {
  if (browsers === 0) return traffic;
  const { findChromium, sendAlongBrowsers } = await import('../../simulator/browser/index.ts');
  const options = { chromium: findChromium(), browsers, mark: traffic.mark, appId };
  return {
    ...traffic,
    settings: { ...traffic.settings, browsers },
    send: sendAlongBrowsers(traffic.send ?? send, options),
  };
}
