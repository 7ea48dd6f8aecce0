import { expect, test } from 'vitest';
import { serversRequired } from './servers-required.ts';

test.each([
  [{}, false],
  [{ CI: 'true' }, true],
  [{ CI: 'true', CLICKPROOF_REQUIRE_SERVERS: '' }, true],
  [{ CI: 'true', CLICKPROOF_REQUIRE_SERVERS: '0' }, false],
  [{ CLICKPROOF_REQUIRE_SERVERS: '1' }, true],
  [{ CI: 'false' }, false],
])('%j: %s', (environment, required) => {
  expect(serversRequired(environment)).toBe(required);
});
