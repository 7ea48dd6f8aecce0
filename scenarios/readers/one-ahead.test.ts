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

  it('ends its source where its user has enough', async () => {
    let ended = 0;
    async function* source() {
      try {
        for (;;) yield 1;
      } finally {
        ended += 1;
      }
    }
    for await (const _ of oneAhead(source())) break;
    expect(ended).toBe(1);
  });

  it('keeps the failure of what was not wanted to itself', async () => {
    async function* source() {
      yield 1;
      throw new Error('gone');
    }
    for await (const page of oneAhead(source())) {
      await new Promise(setImmediate);
      if (page === 1) break;
    }
  });
});
