import { describe, expect, it } from 'vitest';
import { DEFAULT_PROFILE_RULES, profileRules } from '../rules.ts';
import { checkValueTtl } from './value-ttl.ts';

const HOUR = 3_600_000;
const RULES = profileRules.parse([
  { name: 'page', field: 'p', keep: 'last', expiry: 'visit' },
  { name: 'sum', field: 's', keep: 'sum', expiry: '5h' },
]);

describe('the time to live of profiles', () => {
  it('may be none whatever the rules', () => {
    expect(() => checkValueTtl(0, DEFAULT_PROFILE_RULES, undefined)).not.toThrow();
  });

  it('must exceed expiry and retention together', () => {
    expect(() => checkValueTtl(7 * HOUR + 1, RULES, 2 * HOUR)).not.toThrow();
    for (const [ttl, rules, retention] of [
      [7 * HOUR, RULES, 2 * HOUR],
      [7 * HOUR, RULES, undefined],
      [1_000 * HOUR, DEFAULT_PROFILE_RULES, 2 * HOUR],
      [2 * HOUR, RULES.slice(0, 1), 2 * HOUR],
    ] as const) {
      expect(() => checkValueTtl(ttl, rules, retention)).toThrow(
        expect.objectContaining({
          code: 'REDIS_TTL',
          remedy: expect.stringContaining('--redis-value-ttl'),
        }),
      );
    }
  });
});
