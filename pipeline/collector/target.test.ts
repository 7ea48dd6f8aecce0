import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostName, parseTarget, queryArgument } from './target.ts';

describe('parseTarget', () => {
  test.each([
    ['/i?e=pv', '/i', 'e=pv'],
    ['/i', '/i', ''],
    ['/i?', '/i', ''],
    ['/i?a?b', '/i', 'a?b'],
    ['/i?a#b?c', '/i', 'a'],
    ['/i#b?c', '/i', ''],
    ['//com.acme//v9?x', '/com.acme/v9', 'x'],
    ['/a/./b', '/a/b', ''],
    ['/a/.', '/a/', ''],
    ['/a/..', '/', ''],
    ['/a/b/..', '/a/', ''],
    ['/a/b/../c', '/a/c', ''],
    ['/a//', '/a/', ''],
    ['/...', '/...', ''],
    ['/.a', '/.a', ''],
    ['/%69', '/i', ''],
    ['/a%2fb', '/a/b', ''],
    ['/a/%2e%2e/b', '/b', ''],
    ['/a%3fb?c', '/a?b', 'c'],
    ['/a%23b', '/a#b', ''],
    ['/a%25b', '/a%b', ''],
    ['/a%ffb', '/a\xffb', ''],
    ['/a%0ab', '/a\nb', ''],
    ['/i?%zz&%', '/i', '%zz&%'],
    ['http://Acme.com:80/i?a', '/i', 'a'],
    ['http://acme.com?a', '/', 'a'],
    ['http://acme.com', '/', ''],
  ])('%s', (target, uri, query) => {
    expect(parseTarget(target)).toMatchObject({ uri, query });
  });

  test.each(['*', 'i', '', '/%', '/%4', '/%zz', '/%00', '/..', '/a/../..', '/%2e%2e'])(
    '%s is refused',
    (target) => {
      expect(parseTarget(target)).toBeUndefined();
    },
  );

  test('the host of an absolute target is given', () => {
    expect(parseTarget('http://Acme.com:80/i')?.host).toBe('Acme.com:80');
    expect(parseTarget('/i')?.host).toBeUndefined();
  });

  test('normal form is a fixed point, whatever comes in', () => {
    const part = fc.constantFrom('/', '.', '..', '%2f', '%2E', '%', 'a', '%41', '?', '#', '\xe4', '%25');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const uri = parseTarget(`/${parts.join('')}`)?.uri;
        if (uri === undefined) return;
        expect(uri).toMatch(/^\//);
        expect(uri).not.toMatch(/\/\/|\/\.\.?(\/|$)/);
      }),
    );
  });
});

describe('hostName', () => {
  test.each([
    ['Shop.Acme.com', 'shop.acme.com'],
    ['acme.com:8080', 'acme.com'],
    ['acme.com.', 'acme.com'],
    ['acme.com.:80', 'acme.com'],
    ['[::1]:80', '[::1]'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['a:80:90', 'a'],
    ['[x', '[x'],
    ['[:', '[:'],
    ['[a]b:80', '[a]'],
    ['a[:]', 'a['],
    ['a.:8.', 'a.'],
  ])('%s', (header, name) => expect(hostName(header)).toBe(name));

  test.each(['', 'a b', 'a, b', 'a/b', ':80', '.', 'a..b'])('%j is none', (header) => {
    expect(hostName(header)).toBeUndefined();
  });
});

describe('queryArgument', () => {
  test.each([
    ['duid=1', '1'],
    ['e=pv&duid=a%20b&duid=2', 'a%20b'],
    ['DUID=x', 'x'],
    ['xduid=1&duid=2', '2'],
    ['duid&duid=3', '3'],
    ['duid=', ''],
    ['a=duid=1', ''],
    ['', ''],
    ['&&duid=4', '4'],
    ['duid=a;b?c', 'a;b?c'],
  ])('%s', (query, value) => expect(queryArgument(query, 'duid')).toBe(value));
});
