import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OrderCheck, type Origin } from './order.ts';

const at = (rawOffset: number, index = 0, rawPartition = 0): Origin => ({ rawPartition, rawOffset, index });

/** The places of the events that are out of order, of one hop in one partition. */
function disordered(
  order: OrderCheck,
  ...events: readonly (readonly [visitor: string, origin: Origin])[]
): number[] {
  order.nextHop();
  return events.flatMap(([visitor, origin], i) =>
    order.inOrder(0, visitor, `${visitor} ${origin.index}`, origin) ? [] : [i],
  );
}

it('lets each visitor have an order of its own', () => {
  expect(disordered(new OrderCheck(), ['a', at(5)], ['b', at(3)], ['a', at(6)], ['b', at(4)])).toEqual([]);
});

it('names the event that stands behind a later one', () => {
  expect(disordered(new OrderCheck(), ['a', at(1)], ['a', at(3)], ['a', at(2)], ['a', at(4)])).toEqual([2]);
});

it('looks at the place within a request, too, and takes a repetition for no disorder', () => {
  expect(disordered(new OrderCheck(), ['a', at(1, 0)], ['a', at(1, 1)], ['a', at(1, 1)])).toEqual([]);
  expect(disordered(new OrderCheck(), ['a', at(1, 1)], ['a', at(1, 0)])).toEqual([1]);
});

it('promises nothing across raw partitions', () => {
  expect(disordered(new OrderCheck(), ['a', at(9, 0, 0)], ['a', at(1, 0, 1)], ['a', at(10, 0, 0)])).toEqual(
    [],
  );
});

it('does not blame a hop for the order in which it got its events', () => {
  const order = new OrderCheck();
  const swapped = [
    ['a', at(2)],
    ['a', at(1)],
    ['a', at(3)],
  ] as const;
  expect(disordered(order, ...swapped)).toEqual([1]);
  expect(disordered(order, ...swapped)).toEqual([]);
  expect(disordered(order, ['a', at(2)], ['a', at(1)], ['a', at(4)], ['a', at(3)])).toEqual([3]);
  // What was right once is a fault again.
  expect(disordered(order, ['a', at(1)], ['a', at(2)])).toEqual([]);
  expect(disordered(order, ...swapped)).toEqual([1]);
});

it('finds a disorder exactly where some event before came in later', () => {
  const events = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(9)), { maxLength: 30 });
  fc.assert(
    fc.property(events, (list) => {
      const behind = list.flatMap(([visitor, offset], i) =>
        list.slice(0, i).some(([other, earlier]) => other === visitor && earlier > offset) ? [i] : [],
      );
      const found = disordered(
        new OrderCheck(),
        ...list.map(([visitor, offset]) => [visitor, at(offset)] as const),
      );
      expect(found).toEqual(behind);
    }),
  );
});
