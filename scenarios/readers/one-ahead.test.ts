import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneAhead } from './one-ahead.ts';

describe('a source that is read one ahead', () => {
  it('gives the same, in the same order, up to where it ends or fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), fc.boolean(), async (pages, fails) => {
        async function* source() {
          yield* pages;
          if (fails) throw new Error('gone');
        }
        const seen: number[] = [];
        const read = async () => {
          for await (const page of oneAhead(source())) seen.push(page);
        };
        if (fails) await expect(read()).rejects.toThrow('gone');
        else await read();
        expect(seen).toEqual(pages);
      }),
    );
  });

  it('has made one more than is in hand', async () => {
    let made = 0;
    async function* source() {
      for (;;) yield ++made;
    }
    for await (const page of oneAhead(source())) {
      await new Promise(setImmediate);
      expect(made).toBe(page + 1);
      if (page === 3) break;
    }
  });

  it('ends its source where its user has enough, and keeps the failure of what was not wanted to itself', async () => {
    let ended = 0;
    async function* source() {
      try {
        yield 1;
        throw new Error('gone');
      } finally {
        ended += 1;
      }
    }
    for await (const page of oneAhead(source())) {
      await new Promise(setImmediate);
      if (page === 1) break;
    }
    expect(ended).toBe(1);
  });
});
