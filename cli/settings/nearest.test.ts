import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

const NAMES = ['collector', 'shipper', 'persister', 'port', 'host'];

test('a name with one slip is found again', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.nat(),
      fc.constantFrom('drop', 'double', 'swap'),
      (name, at, slip) => {
        const i = at % (name.length - 1);
        const [a, b] = [name[i]!, name[i + 1]!];
        const middle = { drop: b, double: a + a + b, swap: b + a }[slip];
        expect(nearest(name.slice(0, i) + middle + name.slice(i + 2), NAMES)).toBe(name);
      },
    ),
  );
});

test('what is like none of them gets the list', () => {
  expect(nearest('elasticsearch', NAMES)).toBeUndefined();
  expect(didYouMean('elasticsearch', NAMES)).toBe(`there are: ${NAMES.join(', ')}`);
});
