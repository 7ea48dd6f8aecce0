export { CHROMIUM_VARIABLE, findChromium } from './chromium.ts';
export { type BrowserOptions, sendAlongBrowsers } from './send-along.ts';
