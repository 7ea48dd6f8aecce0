import { describe, expect, it } from 'vitest';
import { explore, type Model } from './explore.ts';

interface Lamp {
  readonly lit: boolean;
  readonly fuses: number;
}

/** A lamp that is switched on, and a fuse that may blow and is changed while there are any. */
const lamp = (over: Partial<Model<Lamp>> = {}): Model<Lamp> => ({
  initial: { lit: false, fuses: 2 },
  steps: ({ lit, fuses }) => [
    ...(lit || fuses === 0 ? [] : [{ what: 'is switched on', next: { lit: true, fuses } }]),
    ...(lit && fuses > 0 ? [{ what: 'blows', fault: true, next: { lit: false, fuses: fuses - 1 } }] : []),
  ],
  wrong: () => undefined,
  wrongAtEnd: () => undefined,
  ...over,
});

describe('a search of all states', () => {
  it('reaches each once and counts the ends', () => {
    expect(explore(lamp())).toEqual({ states: 5, steps: 4, endings: 3, counterexample: undefined });
  });

  it('finds a shortest way to what is wrong', () => {
    const { counterexample } = explore(
      lamp({
        wrong: ({ fuses }) => (fuses === 1 ? { property: 'dark', detail: 'a fuse is gone' } : undefined),
      }),
    );
    expect(counterexample).toMatchObject({ property: 'dark', detail: 'a fuse is gone' });
    expect(counterexample!.trace.map(({ what }) => what)).toEqual(['is switched on', 'blows']);
  });

  it('judges an end only where nothing but faults can follow', () => {
    const { counterexample } = explore(
      lamp({ wrongAtEnd: ({ lit }) => (lit ? undefined : { property: 'dark', detail: 'no fuse is left' }) }),
    );
    expect(counterexample!.trace).toHaveLength(4);
  });

  it('finds what runs in circles, although a fault would end it', () => {
    const { counterexample } = explore({
      initial: { at: 'here' },
      steps: ({ at }) =>
        at === 'gone'
          ? []
          : [
              { what: 'goes round', next: { at: at === 'here' ? 'there' : 'here' } },
              { what: 'is killed', fault: true, next: { at: 'gone' } },
            ],
      wrong: () => undefined,
      wrongAtEnd: () => undefined,
    });
    expect(counterexample).toEqual({ property: 'stuck', detail: 'from here on it never ends', trace: [] });
  });

  it('does not mind a circle that can be left', () => {
    const { counterexample, endings } = explore({
      initial: { at: 0 },
      steps: ({ at }) => (at === 2 ? [] : [0, 1, 2].map((to) => ({ what: 'goes', next: { at: to } }))),
      wrong: () => undefined,
      wrongAtEnd: () => undefined,
    });
    expect({ counterexample, endings }).toEqual({ counterexample: undefined, endings: 1 });
  });

  it('gives up on a model without bounds', () => {
    const endless: Model<{ n: number }> = {
      initial: { n: 0 },
      steps: ({ n }) => [{ what: 'counts', next: { n: n + 1 } }],
      wrong: () => undefined,
      wrongAtEnd: () => undefined,
    };
    expect(() => explore(endless, 1_000)).toThrow('more than 1000 states');
  });
});
