export { unixTime } from './clock.ts';
export { CookieJar, networkUserIdOf } from './cookie-jar.ts';
export { FIRST_RESEND, type IntentLedger } from './dispatcher.ts';
export {
  latencyHistogram,
  nothingSent,
  recordMs,
  type SendCounts,
  type SendProgress,
  type SendResult,
} from './result.ts';
export { type SendOptions, send } from './send.ts';
