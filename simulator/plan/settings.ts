import { createHash } from 'node:crypto';
import { z } from 'zod';
import { duration, rate, share } from '../../pipeline/contracts/units.ts';

/** From this length on, visitors take the time that people take; in shorter runs they hurry in proportion. */
const UNHURRIED = 600_000;
const MOST_HURRIED = 0.01;

/** Traffic of fixed settings begins here, so that it is the same whenever it is made. */
export const DEFAULT_START_AT = Date.UTC(2026, 0, 5, 18);

/** What decides the traffic: the same values give the same requests, byte by byte. */
export const trafficSettings = z.strictObject({
  visitors: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(2_000)
    .describe('How many visitors there are; they come back, on up to three browsers each'),
  rate: rate
    .default(200)
    .describe('Events a second in the mean over the run, those of bots and faulty traffic included'),
  duration: duration.default(30_000).describe('How long traffic is sent'),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1)
    .describe('Another seed, other traffic'),
  bots: share.default(0.05).describe('Share of events that bots send'),
  faulty: share
    .default(0.05)
    .describe(
      'Share of requests as the world really sends them: retries, offline queues, malformed, oversized, invalid UTF-8, noise',
    ),
  startAt: z.coerce
    .number()
    .int()
    .min(0)
    .default(DEFAULT_START_AT)
    .describe('The begin of the run in Unix ms: all times in the payloads count from here'),
  dwellScale: z.coerce
    .number()
    .positive()
    .max(10)
    .optional()
    .describe(
      'How long visitors take, 1 being as long as people do (their pings too); by default runs of less than 10 minutes are hurried in proportion',
    ),
  // No default: with one, traffic of the same other settings would have another name.
  lean: z
    .union([z.boolean(), z.stringbool()])
    .optional()
    .describe('Visitors send page views alone, by GET and without contexts: the smallest events there are'),
  mark: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'up to 64 letters, digits, - and _')
    .optional()
    .describe(
      "Names the run: every event's tracker namespace (tna); derived from seed and settings by default",
    ),
  appId: z.string().min(1).max(255).default('shop').describe('Application id (aid) of the events'),
  site: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/, 'an origin like https://shop.example')
    .default('https://shop.example')
    .describe("Origin of the simulated shop's pages"),
});

/** As read and checked. */
export type TrafficSettings = z.infer<typeof trafficSettings>;

/**
 * The name of a run's traffic: `cp-` and eight hex digits. The begin does not count, so that the same settings name the
 * same events; give a mark of your own where one store holds several runs of the same settings.
 */
export function runMark(settings: TrafficSettings): string {
  if (settings.mark !== undefined) return settings.mark;
  const { startAt: _startAt, mark: _mark, ...rest } = settings;
  const named = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return `cp-${createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 8)}`;
}

/** By how much visitors' times are multiplied. */
export function dwellScale(settings: TrafficSettings): number {
  return settings.dwellScale ?? Math.min(1, Math.max(MOST_HURRIED, settings.duration / UNHURRIED));
}

/** The tracker's own default: half an hour without an event ends a session. */
const SESSION_TIMEOUT = 1_800_000;
/** A run is to see visitors come back: it lasts at least so many time-outs. */
const TIMEOUTS_PER_RUN = 6;

/** The time, ms, without an event after which a browser's next one begins a new session. */
export function sessionTimeout(settings: TrafficSettings): number {
  return Math.min(SESSION_TIMEOUT * dwellScale(settings), settings.duration / TIMEOUTS_PER_RUN);
}
