import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS } from '../contracts/access-log.ts';
import { duration, size } from '../contracts/units.ts';

const DAY = 86_400_000;

/** What `URI + headers` may take together, bytes. `maxLineBytes` of the contracts counts on it, so it is no setting. */
export const MAX_HEAD_BYTES = 65_536;

const flag = z.union([z.boolean(), z.stringbool()]);

/** Settings of the collector. */
export const collectorSettings = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe('Port to listen on; 0: any free one.'),
  accessLog: z
    .string()
    .min(1)
    .default('data/access/tracking.log')
    .describe('The access log. Rotated files stand beside it and begin with its name.'),
  serverName: z
    .string()
    .regex(/^[\x20-\x7e]*$/, 'plain ASCII')
    .default('localhost')
    .describe('Logged as server_name, and as host where the client named none.'),
  fsync: z
    .enum(['off', 'batch'])
    .default('off')
    .describe(
      'off: a request is answered when its line is with the operating system (survives a killed process). ' +
        'batch: when it is on the disk (survives a power failure).',
    ),
  rotateSize: size.default(268_435_456).describe('Size at which the log is rotated; 0: never.'),
  rotateKeep: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'How many rotated files to keep; 0: all. A file that is deleted before it was shipped is lost.',
    ),
  maxUriCharacters: z.coerce
    .number()
    .int()
    .min(256)
    .max(60_000)
    .default(DEFAULT_SIZE_LIMITS.uriCharacters)
    .describe('Longest request URI; beyond it 414.'),
  maxBodySize: size.default(DEFAULT_SIZE_LIMITS.bodyBytes).describe('Largest request body; beyond it 413.'),
  maxHeaders: z.coerce
    .number()
    .int()
    .min(8)
    .default(200)
    .describe('Most header lines of a request; beyond it 431.'),
  maxBufferedSize: size
    .default(67_108_864)
    .describe(
      'Most memory for bodies being received, and as much again for lines waiting to be written; beyond it 503.',
    ),
  maxConnections: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('Most open connections; further ones are dropped.'),
  headersTimeout: duration
    .default(10_000)
    .describe("Longest time for a request's headers to arrive; then 408."),
  requestTimeout: duration.default(30_000).describe('Longest time for a whole request to arrive; then 408.'),
  keepAliveTimeout: duration.default(65_000).describe('How long an idle connection is kept open.'),
  stopTimeout: duration
    .default(10_000)
    .describe('How long requests in hand may take when the collector stops.'),
  cookieName: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'a cookie name')
    .default('sp')
    .describe('Name of the cookie that carries the network user id.'),
  cookieDomain: z
    .string()
    .regex(/^[A-Za-z0-9.-]*$/, 'a domain name')
    .default('')
    .describe('Domain of the cookie; empty: the host of the collector only.'),
  cookieMaxAge: duration
    .default(365 * DAY)
    .describe('How long the cookie lives, from the last request on; 0: no cookie is set.'),
  cookieSecure: flag
    .default(true)
    .describe('Sends the cookie over HTTPS only. Off for tests over plain HTTP.'),
  cookieSameSite: z.enum(['None', 'Lax', 'Strict']).default('None').describe('SameSite of the cookie.'),
  redirectDomains: z
    .union([
      z.array(z.string().min(1)),
      z.string().transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      ),
    ])
    .default([])
    .describe(
      'Hosts that /r/tp2 may redirect to, *.example.com for all below example.com; none: redirects are off.',
    ),
});

export type CollectorSettings = z.output<typeof collectorSettings>;
