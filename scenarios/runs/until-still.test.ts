import { expect, it } from 'vitest';
import type { HopResult } from '../../reports/result.ts';
import { untilStill } from './until-still.ts';

const hop = (more: Partial<HopResult>) => ({ hop: 'ClickHouse', lost: 0, ...more }) as HopResult;

it('looks again until what is there stands still', async () => {
  let looks = 0;
  const look = async () => ({ hops: [hop({ delivered: Math.min(++looks, 3) })] });
  const { hops } = await untilStill(look, { settle: 1, patience: 60_000 });
  expect({ delivered: hops[0]!.delivered, looks }).toEqual({ delivered: 3, looks: 4 });
});

it('takes no reason that changes, nor what others do, for something that moves', async () => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return {
      hops: [hop({ read: false, unreadable: `${looks} bytes too many`, foreign: looks, records: looks })],
    };
  };
  await untilStill(look, { settle: 1, patience: 1 });
  expect(looks).toBe(2);
});
