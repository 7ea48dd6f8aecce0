import { expect, it } from 'vitest';
import type { Intent } from '../../simulator/ledger/records.ts';
import { arrivals, type Copies } from './arrivals.ts';
import type { Sent } from './ledger-join.ts';

const sent = (digest: string, outcome: Sent['outcome'] = 'acknowledged'): Sent => ({
  intent: { digest, expect: 'processed', events: [] } as unknown as Intent,
  outcome,
  answered: true,
  networkUserId: `${digest} ${outcome}`,
});

async function arrived(requests: readonly Sent[], uneven: Record<string, Copies> = {}): Promise<unknown[]> {
  async function* stream() {
    yield* requests;
  }
  const seen = [];
  for await (const one of arrivals(stream(), new Map(Object.entries(uneven)))) seen.push(one.networkUserId);
  return seen;
}

it('takes what was acknowledged as arrived, unless something else is known', async () => {
  expect(await arrived([sent('a'), sent('b', 'refused'), sent('a')])).toEqual([
    'a acknowledged',
    'a acknowledged',
  ]);
});

it('leaves out what was lost, repeats what was doubled', async () => {
  const uneven = {
    lost: { acknowledged: 1, unknown: 0, arrived: 0 },
    half: { acknowledged: 2, unknown: 0, arrived: 1 },
    doubled: { acknowledged: 1, unknown: 0, arrived: 3 },
  };
  const all = [sent('lost'), sent('half'), sent('doubled'), sent('half')];
  expect(await arrived(all, uneven)).toEqual([
    'half acknowledged',
    'doubled acknowledged',
    'doubled acknowledged',
    'doubled acknowledged',
  ]);
});

it('of what was not answered takes as much as came through, the answered first', async () => {
  const unanswered = sent('a', 'unknown');
  const all = [unanswered, sent('a'), unanswered];
  const copies = (count: number) => ({ a: { acknowledged: 1, unknown: 2, arrived: count } });
  expect(await arrived(all, copies(0))).toEqual([]);
  expect(await arrived(all, copies(1))).toEqual(['a acknowledged']);
  expect(await arrived(all, copies(2))).toEqual(['a unknown', 'a acknowledged']);
  expect(await arrived(all, copies(3))).toEqual(['a unknown', 'a acknowledged', 'a unknown']);
  expect(await arrived(all, copies(4))).toHaveLength(4);
});
