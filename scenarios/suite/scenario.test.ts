import { expect, it } from 'vitest';
import { loadScenarios } from './load.ts';
import { namedScenario, type Scenario } from './scenario.ts';
import { runsOn, select, shortSet, without } from './select.ts';

const GOOD: Scenario = {
  title: 'The parser is killed: every event arrives.',
  faults: [
    { kill: 'parser', down: '2s', at: '3s' },
    [{ stop: 'persister' }, { dieAt: ['parser.claim:after'] }],
  ],
  expect: { outcome: 'exact' },
};

it.each<[string, object, RegExp]>([
  [
    'a kind of fault that there is none of',
    { faults: [{ kil: 'parser' }] },
    /names no fault; there are: kill/,
  ],
  ['a field that the fault does not have', { faults: [{ kill: 'parser', dwon: '2s' }] }, /dwon/],
  ['a time that is none', { faults: [{ kill: 'parser', down: 'long' }] }, /a duration like/],
  ['a fail point that is none', { faults: [{ dieAt: ['parser'] }] }, /a fail point like/],
  ['a class of outcome that there is none of', { expect: { outcome: 'fine' } }, /expect/],
  ['traffic that there is none of', { traffic: { speed: 3 } }, /speed/],
  ['a seed of its own', { traffic: { seed: 3 } }, /seed/],
])('refuses %s, and names the scenario', (_, change, message) => {
  const declare = () => namedScenario('mine', { ...GOOD, ...change } as Scenario);
  expect(() => namedScenario('mine', GOOD)).not.toThrow();
  expect(declare).toThrow(message);
  expect(declare).toThrow(/the scenario mine/);
});

it('finds the scenarios of the project, by the names of their files', async () => {
  const all = await loadScenarios();
  expect(all.map(({ name }) => name)).toContain('kill-every-role');
  expect(select(all, ['kill-every-role'], 'embedded')).toHaveLength(1);
  expect(() => select(all, ['kill-every-rol'], 'embedded')).toThrow('there is no scenario');
  expect(() => select(all, ['kill-nginx'], 'embedded')).toThrow('does not run on the embedded stack');
  const [million] = select(all, ['one-million-events'], 'containers');
  expect(million).toMatchObject({ alone: true, events: 1_000_000 });
  expect(select(all, [], 'containers')).not.toContain(million);
  for (const kind of ['embedded', 'containers'] as const) {
    expect(shortSet(all, kind).every((one) => runsOn(one, kind))).toBe(true);
    expect(shortSet(all, kind)).not.toEqual([]);
  }
});

it('leaves out the scenarios that are named for it, and refuses a name that there is not', async () => {
  const all = await loadScenarios();
  const selected = select(all, ['kill-every-role', 'full-disk'], 'embedded');
  expect(without(selected, [], all)).toEqual(selected);
  expect(without(selected, ['full-disk', 'kill-nginx'], all).map(({ name }) => name)).toEqual([
    'kill-every-role',
  ]);
  expect(() => without(selected, ['full-dsk'], all)).toThrow('there is no scenario "full-dsk"');
  expect(() => without(selected, ['kill-every-role', 'full-disk'], all)).toThrow('no scenario left');
});
