import { expect, test } from 'vitest';
import { cookieValue, NetworkUserCookie } from './cookie.ts';
import { LogTime } from './log-time.ts';
import { collectorSettings } from './settings.ts';

const A = '11111111-2222-4333-8444-555555555555';
const B = '99999999-2222-4333-8444-555555555555';
const now = () => Date.UTC(2026, 10, 23, 16, 23, 36);

function cookie(settings: Record<string, unknown> = {}) {
  const parsed = collectorSettings.parse(settings);
  return new NetworkUserCookie(parsed, new LogTime(now, parsed.cookieMaxAge));
}

test.each([
  ['sp=1', '1'],
  ['a=b; sp=1; sp=2', '1'],
  ['xsp=3; sp=1', '1'],
  ['a=sp=3;sp=1', '1'],
  ['sp', ''],
  ['sp= 1;b', '1'],
  // Nginx cuts the value at a semicolon only, and parts cookies by commas, too.
  ['sp=1 ;b', '1 '],
  ['sp=1,b', '1,b'],
  ['a=b,   sp=1', '1'],
  ['SP =1', '1'],
  ['sp.x=2; sp x=3; sp=1', '1'],
  ['', ''],
  [';;; sp=', ''],
])('%s', (header, value) => expect(cookieValue(header, 'sp')).toBe(value));

test('the parameter goes before the cookie, the cookie before a new id', () => {
  expect(cookie().userId(`nuid=${B}`, `sp=${A}`)).toBe(B);
  expect(cookie().userId('nuid=x', `sp=${A}`)).toBe(A);
  const fresh = cookie().userId('', '');
  expect(fresh).toMatch(/^[0-9a-f-]{36}$/);
  expect(cookie().userId('', '')).not.toBe(fresh);
});

test('what is no UUID is replaced', () => {
  for (const bad of ['hello', `${A}x`, ''])
    expect(cookie().userId('', `sp=${bad}`)).toMatch(/^[0-9a-f-]{36}$/);
});

test('name, domain, age and flags are settings', () => {
  expect(cookie().header(A)).toBe(
    `sp=${A}; Expires=Tue, 23 Nov 2027 16:23:36 GMT; Path=/; Secure; HttpOnly; SameSite=None`,
  );
  const other = cookie({
    cookieName: 'n',
    cookieDomain: 'acme.com',
    cookieMaxAge: '1d',
    cookieSecure: 'false',
    cookieSameSite: 'Lax',
  });
  expect(other.header(A)).toBe(
    `n=${A}; Expires=Tue, 24 Nov 2026 16:23:36 GMT; Domain=acme.com; Path=/; HttpOnly; SameSite=Lax`,
  );
  expect(cookie({ cookieMaxAge: 0 }).userId(`nuid=${A}`, '')).toBe('');
});
