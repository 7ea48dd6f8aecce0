import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { Random, rootOf } from '../random/random.ts';
import { invalidUtf8, MALFORMATIONS, type Material, malformed, oversized } from './malformed.ts';

let made = 0;
const material: Material = {
  mark: 'cp-test',
  appId: 'shop',
  origin: 'https://shop.example',
  at: 1_767_636_000_000,
  id: () => `00000000-0000-4000-8000-${String(made++).padStart(12, '0')}`,
};
const random = new Random(rootOf('damage'));
const many = <T>(make: () => T) => Array.from({ length: 60 }, make);

describe('malformed requests', () => {
  it('come in every kind', () => {
    const given = new Set(
      many(() => malformed(random, material)).map(({ target, body }) => /e=zz/.test(target) || body),
    );
    expect(given.size).toBeGreaterThan(4);
  });

  it.each(Object.entries(MALFORMATIONS))(
    '%s carries the mark, so that it can be found again',
    (_kind, make) => {
      const { target, body, method } = make(material);
      expect(method === 'GET' ? target : body).toContain('cp-test');
    },
  );

  it('hold the one kind that is damaged in part', () => {
    const partly = Object.entries(MALFORMATIONS).filter(([, make]) => make(material).partly);
    expect(partly.map(([kind]) => kind)).toEqual(['one_bad_of_three']);
  });
});

describe('oversized requests', () => {
  it('are beyond the limits of the collector', () => {
    for (const { method, target, body } of many(() => oversized(random, material))) {
      if (method === 'GET') expect(target.length).toBeGreaterThan(DEFAULT_SIZE_LIMITS.uriCharacters);
      else expect(Buffer.byteLength(body as string)).toBeGreaterThan(DEFAULT_SIZE_LIMITS.bodyBytes);
    }
  });
});

describe('invalid UTF-8', () => {
  it('is in the path, in the body, escaped and as it is', () => {
    const kinds = new Set<string>();
    for (const { target, body } of many(() => invalidUtf8(random, material))) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(target, 'latin1');
      expect(target).toMatch(/^[!-\xff]+$/);
      if (target.includes('%E9')) kinds.add('escaped');
      else {
        expect(bytes.toString()).toContain('\ufffd');
        kinds.add(Buffer.isBuffer(body) ? 'body' : 'path');
      }
    }
    expect([...kinds].sort()).toEqual(['body', 'escaped', 'path']);
  });
});
