import { expect, test } from 'vitest';
import { Redirects } from './redirect.ts';

const redirects = new Redirects(['example.com', '*.Acme.com']);
const to = (url: string) => redirects.location(`e=pv&u=${encodeURIComponent(url)}`);

test('off unless hosts are listed', () => {
  expect(new Redirects([]).enabled).toBe(false);
  expect(redirects.enabled).toBe(true);
});

test.each([
  ['https://example.com/x?a=1', 'https://example.com/x?a=1'],
  ['HTTP://EXAMPLE.com', 'http://example.com/'],
  ['https://www.acme.com/ü', 'https://www.acme.com/%C3%BC'],
  ['https://example.com:8443/', 'https://example.com:8443/'],
  ['https://example.com/\r\nX-Evil: 1', 'https://example.com/X-Evil:%201'],
])('%s is allowed', (url, location) => expect(to(url)).toBe(location));

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://example.com/',
  '//example.com/',
  'not-a-url',
  '',
  'https://evil.com/',
  'https://example.com.evil.com/',
  'https://notacme.com/',
  'https://acme.com/',
  'https://evil.com#.acme.com',
  'https://evil.com\\.acme.com',
  'https://example.com@evil.com/',
  'https://user:pass@example.com/',
])('%s is refused', (url) => expect(to(url)).toBeUndefined());

test('a target that is missing or cannot be decoded is refused', () => {
  expect(redirects.location('e=pv')).toBeUndefined();
  expect(redirects.location('u=%zz')).toBeUndefined();
});
