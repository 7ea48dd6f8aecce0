import { expect, it } from 'vitest';
import { type FaultWorld, Witness } from './kind.ts';

const cell = { table: 'faults', fault: 'SIGKILL', where: 'parser' } as const;

/** A world in which `due` requests were due, and perhaps one more waits. */
function world(due: () => number, held: () => boolean = () => false): FaultWorld {
  return { now: () => 0, requests: due, held } as FaultWorld;
}

/** What is missed in a fault during which no request was sent, and one waited at its beginning and at its end. */
function missingWhile(waited: readonly [boolean, boolean], where: string): readonly string[] {
  let held = waited[0];
  const witness = new Witness(
    world(
      () => 7,
      () => held,
    ),
    { ...cell, where },
  );
  held = waited[1];
  expect(witness.met()).toBe(false);
  const { requests, missing } = witness.evidence();
  expect(requests).toBe(0);
  return missing;
}

it('counts the requests that became due while the fault lasted', () => {
  let due = 7;
  const witness = new Witness(
    world(() => due),
    cell,
  );
  due = 9;
  expect(witness.met()).toBe(true);
  expect(witness.evidence()).toMatchObject({ requests: 2, missing: [] });
});

it('misses traffic where no request was due, unless the pipeline was full all the while', () => {
  const nothing = ['no request was due meanwhile'];
  expect(missingWhile([false, false], 'parser')).toEqual(nothing);
  expect(missingWhile([true, false], 'parser')).toEqual(nothing);
  expect(missingWhile([false, true], 'parser')).toEqual(nothing);
  expect(missingWhile([true, true], 'parser')).toEqual([]);
});

it('misses traffic for who takes requests, however full the pipeline is', () => {
  expect(missingWhile([true, true], 'collector')).toHaveLength(1);
  expect(missingWhile([true, true], 'nginx')).toHaveLength(1);
});
