import { hash } from 'node:crypto';
import { z } from 'zod';
import { duration } from '../contracts/units.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** One value of the visitor's profile: which field of the flattened event feeds it, and what is kept of it. */
export const profileRule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .describe('name of the value; the persisted event carries it as profile-<name>'),
  field: z.string().min(1).describe('flattened field, e.g. event-page_url; "time" is the time of the event'),
  keep: z
    .enum(['first', 'last', 'sum', 'count', 'min', 'max', 'set', 'distinct'])
    .describe(
      'what is kept: first, last (by event time), sum, count, min, max, set (values), distinct (how many)',
    ),
  expiry: z
    .union([z.literal(['never', 'visit']), duration])
    .default('never')
    .describe(
      'never, visit (values of the current visit only) or a duration without a new value, by event time',
    ),
  when: z
    .strictObject({
      field: z.string().min(1),
      equals: scalar.optional(),
      not: scalar.optional(),
      differsFrom: z.string().optional(),
    })
    .optional()
    .describe('only events whose field equals a value, is not a value, or differs from another field'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('most values a set keeps, most a distinct counts exactly'),
});

export type ProfileRule = z.infer<typeof profileRule>;

export const profileRules = z
  .array(profileRule)
  .max(100)
  .refine(
    (rules) => new Set(rules.map((rule) => rule.name)).size === rules.length,
    'two rules have one name',
  );

/** What is kept of every visitor unless other rules are given. */
export const DEFAULT_PROFILE_RULES: readonly ProfileRule[] = profileRules.parse([
  { name: 'first_seen', field: 'time', keep: 'first' },
  { name: 'last_seen', field: 'time', keep: 'last' },
  { name: 'visits', field: 'event-domain_sessionid', keep: 'distinct' },
  { name: 'events', field: 'event-event_id', keep: 'count' },
  pageView({ name: 'page_views', keep: 'count' }),
  pageView({ name: 'visit_page_views', keep: 'count', expiry: 'visit' }),
  pageView({ name: 'entry_page', keep: 'first', expiry: 'visit' }),
  referrer({ name: 'first_referrer', keep: 'first' }),
  referrer({ name: 'last_referrer', keep: 'last' }),
  { name: 'first_campaign', field: 'event-mkt_campaign', keep: 'first' },
  { name: 'last_campaign', field: 'event-mkt_campaign', keep: 'last' },
  { name: 'user_ids', field: 'event-user_id', keep: 'set', limit: 20 },
]);

function pageView(rule: object) {
  return { field: 'event-page_url', when: { field: 'event-event', equals: 'page_view' }, ...rule };
}

/** Pages of the site itself are no referrers. */
function referrer(rule: object) {
  const when = { field: 'event-refr_urlhost', differsFrom: 'event-page_urlhost' };
  return { field: 'event-page_referrer', when, ...rule };
}

/**
 * True where the final value is the same whatever the order of the events. A duration depends on it: an event that comes
 * late can bridge a gap that has already ended the value; `last` does not mind.
 */
export function isOrderFree(rule: ProfileRule): boolean {
  return typeof rule.expiry !== 'number' || rule.keep === 'last';
}

/** Names the rules and whatever else decides how state is folded. State of one hash is of no use to another. */
export function rulesHash(rules: readonly ProfileRule[], ...rest: (string | number)[]): string {
  return hash('sha256', JSON.stringify([rules, rest]), 'hex').slice(0, 16);
}
