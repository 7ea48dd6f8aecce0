import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../pipeline/contracts/errors.ts';
import { plannedRequest as planned } from '../plan/testing/planned-request.ts';
import { CookieJar } from './cookie-jar.ts';
import { Deque } from './deque.ts';
import { endpointOf } from './pool.ts';
import { wireRequest } from './wire.ts';

describe('wireRequest', () => {
  it('writes target and headers as planned, with what the connection needs before them', () => {
    const { head, body } = wireRequest(
      planned({
        method: 'POST',
        target: '/a?page=\u00ff\u00fe',
        headers: [
          ['sec-ch-UA', '"x"'],
          ['host', 'elsewhere'],
          ['Content-Type', 'text/plain'],
        ],
        body: Buffer.from([0xff, 0x00]),
      }),
      '127.0.0.1:80',
      'sp=1',
    );
    expect(head).toBe(
      'POST /a?page=\u00ff\u00fe HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: keep-alive\r\nContent-Length: 2\r\n' +
        'sec-ch-UA: "x"\r\nContent-Type: text/plain\r\nCookie: sp=1\r\n\r\n',
    );
    expect(body).toEqual(Buffer.from([0xff, 0x00]));
  });

  it('adds the cookies of the jar to those of the page', () => {
    const { head } = wireRequest(
      planned({
        headers: [
          ['cookie', 'a=b'],
          ['x', 'y'],
        ],
      }),
      'h',
      'sp=1',
    );
    expect(head).toContain('\r\ncookie: a=b; sp=1\r\nx: y\r\n\r\n');
    expect(head).not.toContain('Content-Length');
  });
});

describe('CookieJar', () => {
  it('keeps, replaces and deletes, each browser for itself', () => {
    const jar = new CookieJar();
    jar.store('a', ['sp=1; Path=/; Secure; HttpOnly', 'x=y', 'no cookie'], 0);
    jar.store('b', ['sp=2; Expires=Thu, 01 Jan 1970 00:00:10 GMT'], 0);
    expect([jar.cookies('a'), jar.cookies('b'), jar.cookies('c')]).toEqual(['sp=1; x=y', 'sp=2', undefined]);
    jar.store('a', ['sp=3', 'x=; Max-Age=0'], 0);
    jar.store('b', ['sp=; Expires=Thu, 01 Jan 1970 00:00:10 GMT'], 10_000);
    expect([jar.cookies('a'), jar.cookies('b')]).toEqual(['sp=3', undefined]);
  });

  it('has a bound', () => {
    const jar = new CookieJar(2);
    for (const browser of ['a', 'b', 'c']) jar.store(browser, ['sp=1'], 0);
    expect(['a', 'b', 'c'].map((browser) => jar.cookies(browser))).toEqual([undefined, 'sp=1', 'sp=1']);
  });
});

describe('Deque', () => {
  it('gives back what was put in, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(), fc.constant(null)), { maxLength: 5_000, size: 'max' }),
        (steps) => {
          const deque = new Deque<number>();
          const model: number[] = [];
          for (const step of steps) {
            if (step === null) expect(deque.shift()).toBe(model.shift());
            else {
              deque.push(step);
              model.push(step);
            }
            expect(deque.size).toBe(model.length);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('endpointOf', () => {
  it('takes origins', () => {
    expect(endpointOf('http://127.0.0.1:8080')).toEqual({
      secure: false,
      hostname: '127.0.0.1',
      port: 8080,
      host: '127.0.0.1:8080',
    });
    expect(endpointOf('https://c.example.com/')).toMatchObject({
      secure: true,
      port: 443,
      host: 'c.example.com',
    });
    expect(endpointOf('http://[::1]:81')).toMatchObject({ hostname: '::1', host: '[::1]:81' });
  });

  it.each(['', 'localhost:8080', 'ftp://x', 'http://x/path', 'http://x/?q'])('refuses %j', (target) => {
    expect(() => endpointOf(target)).toThrow(expect.objectContaining({ code: 'TARGET_INVALID' }));
    try {
      endpointOf(target);
    } catch (error) {
      expect(hasCode(error, 'TARGET_INVALID')).toBe(true);
    }
  });
});
