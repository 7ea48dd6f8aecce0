import { expect, test } from 'vitest';
import { hotSpots } from './hot-spots.ts';

const node = (id: number, functionName: string, url = '', lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

test('adds up what a function took wherever it was called from; idling does not count', () => {
  const profile = {
    nodes: [
      node(1, '(root)'),
      node(2, 'enrich', import.meta.url, 9),
      node(3, 'enrich', import.meta.url, 9),
      node(4, '(idle)'),
      node(5, '', 'node:zlib', 4),
    ],
    samples: [2, 3, 4, 5, 2],
    timeDeltas: [10, 20, 1_000, 20, 30],
  };
  expect(hotSpots(profile)).toEqual([
    { function: 'enrich', where: 'bench/profile/hot-spots.test.ts:10', share: 0.75 },
    { function: '(anonymous)', where: 'node:zlib:5', share: 0.25 },
  ]);
  expect(hotSpots(profile, 1)).toHaveLength(1);
});

test('of a profile without samples nothing is known', () => {
  expect(hotSpots({ nodes: [node(1, '(root)')] })).toEqual([]);
});
