import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AbortFilter } from './abort-filter.ts';
import type { BatchHeader } from './record-batch.ts';

type Step =
  | { readonly act: 'write'; readonly producer: number; readonly records: number }
  | { readonly act: 'end'; readonly producer: number; readonly commit: boolean }
  | { readonly act: 'plain'; readonly producer: number; readonly records: number };

const producer = fc.nat(3);
const records = fc.integer({ min: 1, max: 3 });
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ act: fc.constant('write' as const), producer, records }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('end' as const), producer, commit: fc.boolean() }) },
    // Of a producer that also has transactions: what it writes outside of them counts.
    { weight: 1, arbitrary: fc.record({ act: fc.constant('plain' as const), producer, records }) },
  ),
  { minLength: 1, maxLength: 40 },
);

/** A log as these steps make it, with every transaction ended, and what each batch is worth. */
function play(script: readonly Step[]) {
  const batches: (BatchHeader & { aborted?: boolean })[] = [];
  const aborted: { producerId: bigint; firstOffset: number; end: number }[] = [];
  const open = new Map<number, { first: number; batches: number[] }>();
  let next = 0;
  const append = (producer: number, size: number, more: Partial<BatchHeader>) => {
    batches.push({
      baseOffset: next,
      lastOffset: next + size - 1,
      producerId: BigInt(producer),
      transactional: true,
      control: undefined,
      records: () => [],
      ...more,
    });
    next += size;
  };
  const end = (producer: number, commit: boolean) => {
    const transaction = open.get(producer);
    if (transaction === undefined) return;
    open.delete(producer);
    if (!commit) {
      for (const i of transaction.batches) batches[i]!.aborted = true;
      aborted.push({ producerId: BigInt(producer), firstOffset: transaction.first, end: next });
    }
    append(producer, 1, { control: commit ? 'other' : 'abort' });
  };
  for (const step of script) {
    if (step.act === 'end') end(step.producer, step.commit);
    else if (step.act === 'plain') append(step.producer + 10, step.records, { transactional: false });
    else {
      const transaction = open.get(step.producer) ?? { first: next, batches: [] };
      open.set(step.producer, transaction);
      transaction.batches.push(batches.length);
      append(step.producer, step.records, {});
    }
  }
  for (const [i, left] of [...open.keys()].entries()) end(left, i % 2 === 0);
  return { batches, aborted };
}

it('shows what was committed and nothing else, wherever a fetch begins and ends', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (script, reversed) => {
      const { batches, aborted } = play(script);
      for (let from = 0; from < batches.length; from++) {
        for (let to = from + 1; to <= batches.length; to++) {
          const [first, last] = [batches[from]!.baseOffset, batches[to - 1]!.lastOffset];
          // As a broker makes the list: all that reach into what is fetched.
          const list = aborted.filter((one) => one.end >= first && one.firstOffset <= last);
          const filter = new AbortFilter(reversed ? list.toReversed() : list);
          for (const batch of batches.slice(from, to)) {
            expect(filter.admits(batch)).toBe(batch.control === undefined && batch.aborted !== true);
          }
        }
      }
    }),
  );
});
