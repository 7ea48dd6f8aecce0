import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../contracts/errors.ts';
import { type Input, outcomeUnknown, PersisterWorld, timedOut } from './testing/persister-world.ts';

/** Repeats, retries, a collision, a visitor-less event with its retry and its collision, a record that is no event. */
const INPUTS: readonly (readonly Input[])[] = [
  [
    ['X', 'a', '1', 'r1'],
    ['Y', 'b', '1', 'r2'],
    ['X', 'a', '1', 'r1'], // the line again
  ],
  [['', 'n', '1', 'r3'], null, ['X', 'a', '1', 'r4']], // … , a retry
  [
    ['X', 'a', '2', 'r5'], // a collision
    ['', 'n', '1', 'r6'],
    ['Y', 'c', '1', 'r7'],
    ['', 'n', '2', 'r8'],
    ['Y', 'b', '1', 'r9'],
  ],
];
const BATCHES = [2, 3, 1, 2];

const world = () => new PersisterWorld(INPUTS, BATCHES);

function expectSound(w: PersisterWorld): void {
  expect(w.check()).toBeNull();
}

async function expectExact(w: PersisterWorld): Promise<void> {
  await w.drain();
  expectSound(w);
  expect(w.outcome()).toEqual(w.reference());
}

/** How many times an undisturbed worker stops. */
async function stops(): Promise<number> {
  const w = world();
  const worker = await w.start('A');
  let count = 0;
  while (await w.step(worker)) count++;
  return count;
}

describe('the persister counts every event once', () => {
  it('when nothing goes wrong', async () => {
    const w = world();
    await w.finish(await w.start('A'));
    const { output, state } = w.outcome();
    expect(output.flat()).toHaveLength(6);
    expect(output.flat().filter((record) => record.includes('original_event_id'))).toHaveLength(2);
    expect(state.progress).toMatchObject({ counts: { events: 6, repeats: 1, retries: 3, collisions: 2 } });
    await expectExact(w);
  });

  it('whatever two points it is killed at', async () => {
    const points = await stops();
    expect(points).toBeGreaterThan(40);
    for (let first = 0; first <= points; first++) {
      for (let second = 0; second <= points; second += 1) {
        const w = world();
        for (const [name, count] of [
          ['A', first],
          ['B', second],
        ] as const) {
          const worker = await w.start(name);
          for (let i = 0; i < count && (await w.step(worker)); i++);
          w.kill(worker);
        }
        await expectExact(w);
      }
    }
  });

  it('when it loses the partition anywhere, and goes on as a zombie anywhere', async () => {
    const points = await stops();
    for (let before = 0; before <= points; before++) {
      for (let between = 0; between <= points; between++) {
        const w = world();
        const zombie = await w.start('A');
        for (let i = 0; i < before && (await w.step(zombie)); i++);
        const owner = await w.start('B');
        for (let i = 0; i < between && (await w.step(owner)); i++);
        // The zombie finishes the batch it is in, and one more turn; then they take turns.
        for (let i = 0; i < 12; i++) await w.step(zombie);
        expectSound(w);
        w.kill(zombie);
        await w.finish(owner);
        await expectExact(w);
      }
    }
  });

  it('and a zombie, wherever it stood still, does not take its successor for another log', async () => {
    const points = await stops();
    for (let before = 0; before <= points; before++) {
      const w = world();
      const zombie = await w.start('A');
      for (let i = 0; i < before && (await w.step(zombie)); i++);
      await w.finish(await w.start('B'));
      await w.finish(zombie);
      expect(zombie.errors.filter((error) => hasCode(error, 'REFUSED'))).toEqual([]);
      await expectExact(w);
    }
  });

  it('when any call fails, done or not, and when two do', async () => {
    const points = await stops();
    for (let first = 0; first < points; first++) {
      for (let distance = 1; distance <= 14; distance++) {
        const w = world();
        const worker = await w.start('A');
        let i = 0;
        for (;;) {
          const point = worker.gates[0]?.point ?? '';
          const fails = i === first || i === first + distance;
          const error = point.includes('.commit:') ? outcomeUnknown() : timedOut();
          if (!(await w.step(worker, fails ? error : undefined))) break;
          expectSound(w);
          i++;
        }
        expect(worker.done).toBe(true);
        await expectExact(w);
      }
    }
  });

  it('when the store goes back to any earlier state, or loses everything, at any point', async () => {
    const points = await stops();
    for (let now = 0; now <= points; now++) {
      for (let then = 0; then <= now; then++) {
        const w = world();
        const worker = await w.start('A');
        let earlier = w.store.snapshot();
        for (let i = 0; i < now && (await w.step(worker)); i++) if (i < then) earlier = w.store.snapshot();
        w.store.restore(earlier);
        expectSound(w);
        await w.finish(worker);
        await expectExact(w);
      }
    }
  });

  it('under any sequence of deaths, zombies, failures and losses, whatever the records and batches', async () => {
    const input = fc.option(
      fc.tuple(
        fc.constantFrom('X', 'Y', ''),
        fc.constantFrom('a', 'b', 'c'),
        fc.constantFrom('1', '2'),
        fc.constantFrom('r1', 'r2', 'r3', 'r4'),
      ),
      { freq: 10 },
    );
    const inputs = fc.array(fc.array(input, { maxLength: 5 }), { maxLength: 6 });
    const batches = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 });
    const action = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          do: fc.constant('step' as const),
          who: fc.nat(2),
          times: fc.integer({ min: 1, max: 9 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), who: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), who: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), to: fc.nat(20) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        inputs,
        batches,
        fc.array(action, { maxLength: 60 }),
        async (records, sizes, actions) => {
          const w = new PersisterWorld(records, sizes);
          const workers = [await w.start('a'), await w.start('b'), await w.start('c')];
          const snapshots = [w.store.snapshot()];
          for (const act of actions) {
            if (act.do === 'rollback') {
              w.store.restore(snapshots[act.to % snapshots.length]!);
              continue;
            }
            const worker = workers[act.who]!;
            if (act.do === 'kill' || worker.done) {
              w.kill(worker);
              workers[act.who] = await w.start(worker.name);
            } else if (act.do === 'fail') {
              const commits = worker.gates[0]?.point.includes('.commit:') ?? false;
              await w.step(worker, commits ? outcomeUnknown() : timedOut());
            } else {
              for (let i = 0; i < act.times; i++) {
                await w.step(worker);
                expectSound(w);
                snapshots.push(w.store.snapshot());
              }
            }
            expectSound(w);
          }
          for (const worker of workers) w.kill(worker);
          await expectExact(w);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
