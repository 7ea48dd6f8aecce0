import { expect, it } from 'vitest';
import type { ServiceName } from '../../containers/external/services.ts';
import { requireOwn } from '../faults/own.ts';
import { loadScenarios } from './load.ts';
import { possibleOn, stackAsIf } from './possible.ts';
import type { FaultPlan } from './scenario.ts';
import { runsOn, select } from './select.ts';

const all = await loadScenarios();
const on = (...theirs: ServiceName[]) =>
  all.filter((one) => runsOn(one, 'external', theirs)).map(({ name }) => name);
const ALL = ['kafka', 'redis', 'clickhouse', 'elasticsearch'] as const;

const PLAN: FaultPlan = [
  { kill: 'parser' },
  { kill: 'kafka' },
  [{ stop: 'redis' }, { stop: 'persister' }],
  { kill: 'clickhouse' },
  { kill: 'elasticsearch-sink', on: 'containers' },
  { kill: 'collector', on: 'embedded' },
  { profiles: 'lost' },
  { abort: 'tracking_raw' },
];

it('has happen on somebody’s own servers what leaves these alone', () => {
  const { plan, leftOut } = possibleOn('mine', PLAN, stackAsIf('external', ALL));
  expect(plan).toEqual([
    { kill: 'parser' },
    [{ stop: 'persister' }],
    { kill: 'elasticsearch-sink', on: 'containers' },
    { abort: 'tracking_raw' },
  ]);
  expect(leftOut).toEqual([
    { kill: 'kafka' },
    { stop: 'redis' },
    { kill: 'clickhouse' },
    { kill: 'collector', on: 'embedded' },
    { profiles: 'lost' },
  ]);
});

it('has happen to stand-ins what can happen to them', () => {
  const { plan } = possibleOn('mine', PLAN, stackAsIf('external', ['elasticsearch']));
  expect(plan).toEqual([
    { kill: 'parser' },
    [{ stop: 'persister' }],
    { kill: 'clickhouse' },
    { kill: 'elasticsearch-sink', on: 'containers' },
    { profiles: 'lost' },
  ]);
  const withoutDocuments = possibleOn('mine', PLAN, stackAsIf('external', ['redis']));
  expect(JSON.stringify(withoutDocuments.plan)).not.toMatch(/elasticsearch|profiles/);
});

it('leaves the plans of the other stacks as they are declared', () => {
  const on = (kind: 'embedded' | 'containers') => possibleOn('mine', PLAN, stackAsIf(kind)).leftOut;
  expect(on('containers')).toEqual([{ kill: 'collector', on: 'embedded' }]);
  expect(on('embedded')).toEqual([{ kill: 'elasticsearch-sink', on: 'containers' }]);
});

it('finds the scenarios that need nothing of somebody’s own servers', () => {
  const found = on(...ALL);
  expect(found).toEqual(
    expect.arrayContaining([
      ...['aborted-transactions', 'clock-jumps', 'die-at-every-step', 'kill-every-role', 'poison-messages'],
      ...['random-faults', 'rebalance-storm', 'restart-every-role', 'rotation-under-fire', 'stop-every-role'],
      ...['truncation-ahead', 'truncation-behind', 'zombies', 'zombies-at-every-step'],
    ]),
  );
  for (const name of found) expect(name).not.toMatch(/server|nginx|filebeat|network|redis|profiles|refuses/);
});

it('finds more where stand-ins can be made to fail, and fewer without Kafka', () => {
  expect(on('kafka')).toEqual(expect.arrayContaining(['clickhouse-refuses', 'profiles-set-back']));
  expect(on('clickhouse')).not.toContain('aborted-transactions');
});

it('says of a scenario that does not run there why, and where it does', () => {
  expect(() => select(all, ['kill-every-server'], 'external')).toThrow('it needs servers that may be made');
  expect(() => select(all, ['profiles-set-back'], 'external', ['redis'])).toThrow('does not run on');
  expect(select(all, ['profiles-set-back'], 'external', ['kafka'])).toHaveLength(1);
});

it('keeps faults off servers that are reached by a connection', () => {
  const theirs = stackAsIf('external', ALL);
  for (const part of ['clickhouse', 'elasticsearch', 'profiles', 'redis']) {
    expect(() => requireOwn(theirs, part)).toThrow(/no .* of its own/);
    expect(() => requireOwn(stackAsIf('containers'), part)).not.toThrow();
  }
});
