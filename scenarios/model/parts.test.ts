import { describe, expect, it } from 'vitest';
import { counterexampleOf } from './part.ts';
import { PARTS } from './parts.ts';

const count = (faults: Readonly<Record<string, number>>) =>
  Object.entries(faults)
    .filter(([, most]) => most > 0)
    .map(([name, most]) => `${most} ${name}`)
    .join(', ');

describe.each(PARTS.map((part) => [part.name, part] as const))('the %s', (_, part) => {
  it.each(part.searches.filter(({ deep }) => !deep).map((search) => [count(search.faults), search] as const))(
    'has no counterexample with %s',
    (_, search) => {
      const { states, endings, counterexample } = part.search(search);
      expect(counterexample).toBeUndefined();
      expect(states).toBe(search.states);
      expect(endings).toBeGreaterThan(0);
    },
  );

  it.each(Object.entries(part.guards).map(([name, { without }]) => [name, without ?? 'nothing'] as const))(
    'without %s: %s',
    (guard, without) => {
      expect(counterexampleOf(part, guard).property ?? 'nothing').toBe(without);
    },
  );
});
