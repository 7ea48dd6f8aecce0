import { expect, it } from 'vitest';
import { type FaultWorld, Witness } from './kind.ts';

const cell = { table: 'faults', fault: 'SIGKILL', where: 'parser' } as const;

/** A world in which `due` requests were due, and perhaps one more waits. */
function world(due: () => number, held: boolean): FaultWorld {
  return { now: () => 0, requests: due, held: () => held } as FaultWorld;
}

it('misses traffic where no request was due while the fault lasted', () => {
  const { requests, missing } = new Witness(
    world(() => 7, false),
    cell,
  ).evidence();
  expect({ requests, missing }).toEqual({ requests: 0, missing: ['no request was due meanwhile'] });
});

it.each([
  ['became due meanwhile', [7, 9], false, 2],
  ['waited already when it began', [7, 7], true, 1],
  ['waited, and others came after it', [7, 10], true, 3],
])('is seen by requests that %s', (_, [before, after], held, expected) => {
  let due = before!;
  const witness = new Witness(
    world(() => due, held),
    cell,
  );
  due = after!;
  expect(witness.met()).toBe(true);
  const { requests, missing } = witness.evidence();
  expect({ requests, missing }).toEqual({ requests: expected, missing: [] });
});
