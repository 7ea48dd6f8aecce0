import { expect, it } from 'vitest';
import { excerpt, merged } from './excerpt.ts';

it('takes single steps out of what a scenario of the suite lists', async () => {
  const [parser, shipper] = [{ dieAt: 'parser.commit:after' }, { dieAt: 'shipper.claim:after' }];
  const { faults, expect: promise } = await excerpt('die-at-every-step', [[parser], [shipper]]);
  expect(faults).toEqual([[{ dieAt: ['parser.commit:after'] }], [{ dieAt: ['shipper.claim:after'] }]]);
  expect(promise).toEqual({ outcome: 'exact' });
});

it('does not go on without a fault that the suite has no more', async () => {
  await expect(excerpt('die-at-every-step', [[{ dieAt: 'parser.lunch:before' }]])).rejects.toThrow(
    /has no fault .*parser\.lunch/,
  );
  await expect(excerpt('zombies-at-every-step', [[{ zombie: 'parser', step: 'claim' }]])).rejects.toThrow(
    /no fault/,
  );
  await expect(excerpt('no-such', [])).rejects.toThrow('the suite has no scenario no-such');
});

it('puts several one behind the other', async () => {
  const one = await excerpt('aborted-transactions', [[{ abort: 'tracking_raw' }]]);
  const other = await excerpt('elasticsearch-refuses', [[{ block: 'elasticsearch' }]]);
  const { name, faults } = merged([one, other]);
  expect(name).toBe('aborted-transactions and elasticsearch-refuses');
  expect(faults).toEqual([[{ abort: 'tracking_raw' }], [{ block: 'elasticsearch' }]]);
});
