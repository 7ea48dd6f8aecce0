import { expect, test } from 'vitest';
import { collectorSettings } from './settings.ts';

test('everything has a default', () => {
  expect(collectorSettings.parse({})).toMatchObject({ port: 8080, fsync: 'off', maxBodySize: 1_048_576 });
});

test('text from the environment is understood', () => {
  const settings = {
    port: '9000',
    maxBodySize: '2MiB',
    requestTimeout: '5s',
    cookieSecure: 'false',
    redirectDomains: 'example.com, *.acme.com',
  };
  expect(collectorSettings.parse(settings)).toMatchObject({
    port: 9_000,
    maxBodySize: 2_097_152,
    requestTimeout: 5_000,
    cookieSecure: false,
    redirectDomains: ['example.com', '*.acme.com'],
  });
});

test.each([
  { port: 70_000 },
  { cookieName: 'a b' },
  { cookieDomain: 'x; HttpOnly' },
  { serverName: 'ü' },
  { prot: 1 },
])('%j is refused', (settings) => expect(collectorSettings.safeParse(settings).success).toBe(false));
